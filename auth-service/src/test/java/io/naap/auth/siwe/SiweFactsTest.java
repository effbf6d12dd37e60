package io.naap.auth.siwe;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.auth.wallet.Address;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests against published facts: example addresses of EIP-55, and messages signed by real wallets.
 */
class SiweFactsTest {
  private static final Duration AGES = Duration.ofDays(40_000);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"
      })
  void knowsTheChecksum(String address) {
    assertThat(Address.isChecksummed(address)).isTrue();
    assertThat(read(message("service.org", address, "https://service.org"))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0xD1220a0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        "0xdbF03B407c01e7cD3CBea99509d93f8DDDC8C6FB",
        "0xfb6916095ca1df60bB79Ce92cE3Ea74c37c5D359",
        "0x5aAeb6053f3E94C9b9A09f33669435E7Ef1BeAed",
        "0xCF5609B003B2776699EEA1233F7C82D5695CC9AA",
        "0x000000000000000000000000000000000000dEAD"
      })
  void knowsABrokenChecksum(String address) {
    assertThat(Address.isChecksummed(address)).isFalse();
    assertThat(read(message("service.org", address, "https://service.org"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "service.org,            https://service.org/login",
    "127.0.0.1,              https://service.org/login",
    "127.0.0.1:8080,         https://service.org/login",
    "localhost:8080,         https://service.org/login",
    "test@127.0.0.1,         https://service.org/login",
    "test@127.0.0.1:8080,    https://service.org/login",
    "[::cafe],               https://service.org/login",
    "service.org,            https://[::cafe]",
    "service.org,            https://127.0.0.1",
    "service.org,            https://127.0.0.1:4361",
    "service.org,            https://127.0.0.1/?query=one#begin"
  })
  void readsEveryFormOfDomainAndUri(String domain, String uri) {
    SiweMessage read =
        read(message(domain, "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", uri)).orElseThrow();

    assertThat(read.site().scheme()).isEmpty();
    assertThat(read.site().domain()).isEqualTo(domain);
    assertThat(read.uri()).isEqualTo(uri);
    assertThat(read.account().chainId()).isEqualTo(4);
    assertThat(read.validity().issuedAt()).isEqualTo(Instant.parse("2021-09-30T18:25:24Z"));
  }

  @Test
  void readsASchemeOnlyWhereItBelongs() {
    String text =
        message("localhost:3030", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "http://x/y");

    assertThat(read(text).orElseThrow().site().scheme()).isEmpty();
    assertThat(read("https://" + text).orElseThrow().site().scheme()).contains("https");
    assertThat(read("https://" + text).orElseThrow().site().domain()).isEqualTo("localhost:3030");
  }

  /** Messages signed by wallets in 2022, each verified at a time when it was valid. */
  @ParameterizedTest
  @CsvSource({
    "login.xyz, https://login.xyz, 0x9D85ca56217D2bb651b00f15e694EB7E713637D4,"
        + "Sign-In With Ethereum Example Statement, bTyXgcQxn2htgkjJn, 2022-01-27T17:09:38.578Z,"
        + "Expiration Time: 2100-01-07T14:31:43.952Z, 2026-11-23T00:00:00Z,"
        + "0xdc35c7f8ba2720df052e0092556456127f00f7707eaa8e3bbff7e56774e7f2e0"
        + "5a093cfc9e02964c33d86e8e066e221b7d153d27e5a2e97ccd5ca7d3f2ce06cb1b",
    "login.xyz, https://login.xyz, 0xE6D3Aa1F561A215E5eb1f02Ba8705385F03fCaFB,"
        + "Sign-In With Ethereum Example Statement, lx2nx4so, 2022-01-05T14:27:30.883Z,"
        + "Not Before: 2100-01-07T14:31:43.952Z, 2101-01-07T14:31:43.952Z,"
        + "0xc2539ace78f13c7eb8c0852d38d269a6f97bebd9f7872097d2e3137b541f8bf5"
        + "0176062a46eeea83086bd2721423fb5755a932ff6ccc046ed482d14e4576042f1c",
    "login.xyz, https://login.xyz, 0x2ecA0068307e706741445764A3D6A4402aC2A5a9,"
        + "Sign-In With Ethereum Example Statement, lx2nx4so, 2022-01-05T14:27:30.883Z,"
        + "Expiration Time: 2021-01-05T00:00:00Z, 2020-01-05T00:00:00Z,"
        + "0x7337bc2826c7678cd6bc84f5b3b236efc969b0451f9feca2328b1d3401b030c1"
        + "13f19bdba359ba3f52762c66e9147311fa95fe598a1a4ec9bb383a7b4e3874241b",
    "www.tally.xyz, https://tally.xyz, 0xc95EB884FE852e241D409234bfC7045CB9E31BD7,"
        + "Sign in with Ethereum to Tally, 15050747, 2022-06-30T14:08:51.382Z,"
        + ", 2022-06-30T14:09:00Z,"
        + "0x8c46b6eb8505939892d8e9b075f89f8277321b17b993151f37810cdda38cce6f"
        + "4a85909d2b53e6a14629c74c0ac38bf4becde78ee5b2529812bf6cceaf7b2a2501"
  })
  void acceptsWhatWalletsSigned(
      String domain,
      String uri,
      String address,
      String statement,
      String nonce,
      String issuedAt,
      String bound,
      Instant time,
      String signature) {
    String text =
        """
        %s wants you to sign in with your Ethereum account:
        %s

        %s

        URI: %s
        Version: 1
        Chain ID: 1
        Nonce: %s
        Issued At: %s%s"""
            .formatted(
                domain,
                address,
                statement,
                uri,
                nonce,
                issuedAt,
                bound == null ? "" : "\n" + bound);
    SiweMessage message = read(text).orElseThrow();

    assertThat(WalletSignature.signer(text, signature)).contains(address);
    assertThat(WalletSignature.signer(text + " ", signature)).isNotEqualTo(Optional.of(address));
    assertThat(rules(uri, domain, time).objection(message)).isEmpty();
  }

  @Test
  void knowsWhenTheyWereNoLongerOrNotYetGood() {
    SiweMessage message =
        read(message("login.xyz", "0x9D85ca56217D2bb651b00f15e694EB7E713637D4", "https://login.xyz")
                + "\nExpiration Time: 2021-10-01T00:00:00Z\nNot Before: 2021-09-30T20:00:00Z")
            .orElseThrow();
    String origin = "https://login.xyz";

    assertThat(
            new SiweRules(
                    URI.create(origin),
                    "login.xyz",
                    Set.of(4L),
                    Duration.ZERO,
                    AGES,
                    at(Instant.parse("2021-10-01T00:00:00Z")))
                .objection(message))
        .contains("the message has expired: sign a new one");
    assertThat(
            new SiweRules(
                    URI.create(origin),
                    "login.xyz",
                    Set.of(4L),
                    Duration.ZERO,
                    AGES,
                    at(Instant.parse("2021-09-30T19:59:59Z")))
                .objection(message))
        .contains("the message is not valid yet");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 3_000})
  void refusesMoreThanFourKibibytes(int over) {
    String start = message("a.b", "0x9D85ca56217D2bb651b00f15e694EB7E713637D4", "https://a.b/");
    String most = start + "\nRequest ID: " + "x".repeat(4096 - start.length() - 13);

    assertThat(read(most)).isPresent();
    assertThat(read(most + "x".repeat(over)).isPresent()).isEqualTo(over == 0);
    assertThat(read("%41".repeat(1365))).isEmpty();
    assertThat(read(start + "/" + "%41".repeat(1_000))).isEmpty();
    assertThat(read(start + "\nRequest ID: " + "%41".repeat(1_200))).isPresent();
    assertThat(read("\u00e9".repeat(2_049))).isEmpty();
  }

  private static SiweRules rules(String uri, String domain, Instant now) {
    return new SiweRules(URI.create(uri), domain, Set.of(1L), AGES, AGES, at(now));
  }

  private static Clock at(Instant now) {
    return Clock.fixed(now, ZoneOffset.UTC);
  }

  private static String message(String domain, String address, String uri) {
    return """
    %s wants you to sign in with your Ethereum account:
    %s


    URI: %s
    Version: 1
    Chain ID: 4
    Nonce: 32891757
    Issued At: 2021-09-30T16:25:24-02:00"""
        .formatted(domain, address, uri);
  }

  private static Optional<SiweMessage> read(String text) {
    return switch (SiweMessage.read(text)) {
      case SiweMessage.Reading.Read read -> Optional.of(read.message());
      case SiweMessage.Reading.Refused ignored -> Optional.empty();
    };
  }
}
