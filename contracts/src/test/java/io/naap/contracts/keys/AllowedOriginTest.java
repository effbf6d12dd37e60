package io.naap.contracts.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedOriginTest {
  @ParameterizedTest
  @CsvSource({
    "https://a.example.com, https://a.example.com, true",
    "https://a.example.com:443, https://a.example.com, true",
    "http://localhost:3000, http://localhost:3000, true",
    "http://localhost:3000, http://localhost, false",
    "https://A.Example.com, https://a.example.com, true",
    "https://a.example.com, http://a.example.com, false",
    "https://a.example.com, https://b.a.example.com, false",
    "https://*.example.com, https://a.example.com, true",
    "https://*.example.com, https://b.a.example.com, true",
    "https://*.example.com, https://example.com, false",
    "https://*.example.com, https://badexample.com, false",
    "https://*.example.com, https://a.example.com:8443, false",
    "https://*.example.com, https://*.example.com, false",
    "https://*.example.com, https://a.example.com.evil.org, false",
    "https://*.example.com, null, false",
    "http://[::1]:8080, http://[::1]:8080, true"
  })
  void matchesAsABrowserSendsIt(String allowed, String origin, boolean isAllowed) {
    assertThat(AllowedOrigin.of(allowed).matches(origin)).isEqualTo(isAllowed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "example.com",
        "https://",
        "https://a/",
        "https://a b",
        "ftp://a.com",
        "null",
        "http://*.example.com",
        "https://*.com",
        "https://*",
        "https://a.*.com",
        "https://user@a.com",
        "https://a.com:0",
        "https://a.com:65536",
        "https://a.com?x",
        ""
      })
  void refusesWhatIsNoOrigin(String text) {
    assertThatThrownBy(() -> AllowedOrigin.of(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void neverMatchesAnAbsentOrigin() {
    assertThat(AllowedOrigin.of("https://a.example.com").matches(null)).isFalse();
  }

  @Test
  void believesHopsAndTheRealAddressOnlyFromTrustedProxies() {
    ClientAddress address = new ClientAddress(List.of("10.0.0.0/8"));

    assertThat(address.of("10.0.0.1", "203.0.113.9, 10.0.0.2")).isEqualTo("203.0.113.9");
    assertThat(address.of("198.51.100.1", "203.0.113.9")).isEqualTo("198.51.100.1");
    assertThat(address.of("10.0.0.1", "")).isEqualTo("10.0.0.1");
  }
}
