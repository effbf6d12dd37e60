package io.naap.metering.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.secret.Secret;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1",
        "2001::1"
      })
  void refusesAddressesInside(String address) throws UnknownHostException {
    InetAddress inside = InetAddress.getByName(address);
    Targets targets = new Targets(false, host -> new InetAddress[] {inside});

    assertThat(targets.check("https://hooks.example.com/x"))
        .isInstanceOf(Targets.Checked.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.8.8.8", "172.32.0.1", "100.128.0.1", "192.0.78.13", "2606:4700::1111"})
  void connectsToTheVeryAddressThatWasChecked(String address) throws UnknownHostException {
    InetAddress outside = InetAddress.getByName(address);
    Targets targets = new Targets(false, host -> new InetAddress[] {outside});

    assertThat(targets.check("https://hooks.example.com:8443/x?y=z"))
        .isInstanceOfSatisfying(
            Targets.Checked.Allowed.class,
            allowed -> {
              assertThat(allowed.address()).isEqualTo(outside);
              assertThat(allowed.port()).isEqualTo(8443);
            });
  }

  @Test
  void refusesAHostWithOneAddressInsideAmongOthers() {
    Targets targets =
        new Targets(
            false,
            host ->
                new InetAddress[] {
                  InetAddress.getByName("8.8.8.8"), InetAddress.getByName("10.0.0.1")
                });

    assertThat(targets.check("https://hooks.example.com/"))
        .isInstanceOf(Targets.Checked.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://example.com/",
        "ftp://example.com/",
        "https://user@example.com/",
        "https:///x",
        "x",
        "https://example.com/#f",
        "https://exa mple.com/"
      })
  void refusesWhatIsNoPlainHttpsUrl(String url) {
    Targets targets =
        new Targets(false, host -> new InetAddress[] {InetAddress.getByName("8.8.8.8")});

    assertThat(targets.check(url)).isInstanceOf(Targets.Checked.Refused.class);
  }

  /** The example of the Standard Webhooks specification. */
  @Test
  void signsAsStandardWebhooksSays() {
    assertThat(
            Signature.of(
                Secret.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                "{\"test\": 2432232314}"))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }
}
