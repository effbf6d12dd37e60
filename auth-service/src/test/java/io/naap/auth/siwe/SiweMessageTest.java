package io.naap.auth.siwe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SiweMessageTest {
  private static final String FULL =
      """
      https://naap.example:8443 wants you to sign in with your Ethereum account:
      0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266

      I agree (to all) of it!

      URI: https://naap.example:8443/sign-in?x=1#y
      Version: 1
      Chain ID: 42161
      Nonce: abcdefgh12345678
      Issued At: 2026-11-23T10:00:00.123Z
      Expiration Time: 2026-11-23T12:05:00+02:00
      Not Before: 2026-11-23T09:59:00Z
      Request ID: some-id%20x
      Resources:
      - ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
      - https://example.com/claim.json""";

  @Test
  void readsEveryField() {
    SiweMessage message = read(FULL).orElseThrow();

    assertThat(message.site().scheme()).contains("https");
    assertThat(message.site().domain()).isEqualTo("naap.example:8443");
    assertThat(message.account().address()).isEqualTo("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    assertThat(message.statement()).contains("I agree (to all) of it!");
    assertThat(message.account().chainId()).isEqualTo(42161);
    assertThat(message.nonce()).isEqualTo("abcdefgh12345678");
    assertThat(message.validity().issuedAt()).isEqualTo(Instant.parse("2026-11-23T10:00:00.123Z"));
    assertThat(message.validity().expirationTime()).contains(Instant.parse("2026-11-23T10:05:00Z"));
    assertThat(message.requestId()).contains("some-id%20x");
    assertThat(message.resources()).hasSize(2);
  }

  @Test
  void readsAMessageWithoutWhatIsOptional() {
    String bare =
        """
        localhost:8080 wants you to sign in with your Ethereum account:
        0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266


        URI: http://localhost:8080
        Version: 1
        Chain ID: 1
        Nonce: abcdefgh
        Issued At: 2026-11-23T10:00:00Z""";

    assertThat(read(bare)).isPresent();
    assertThat(read(bare).orElseThrow().statement()).isEmpty();
  }

  static Stream<String> broken() {
    return Stream.of(
        "",
        FULL + "\n",
        FULL + " ",
        FULL.replace("\n", "\r\n"),
        FULL.replace("I agree", "I\tagree"),
        FULL.replace("I agree", "I \u00e4gree"),
        FULL.replace("I agree (to all) of it!", "one\nline more"),
        FULL.replace("0xf39F", "0xF39F"),
        FULL.replace(
            "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
            "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"),
        FULL.replace(
            "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
            "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb9226"),
        FULL.replace("Version: 1", "Version: 2"),
        FULL.replace("Version: 1", "Version: 1\nVersion: 1"),
        FULL.replace("Version: 1\n", ""),
        FULL.replace("Chain ID: 42161", "Chain ID: 0x1"),
        FULL.replace("Chain ID: 42161", "Chain ID: 01"),
        FULL.replace("Chain ID: 42161", "Chain ID: -1"),
        FULL.replace("Nonce: abcdefgh12345678", "Nonce: abcdefg"),
        FULL.replace("Nonce: abcdefgh12345678", "Nonce: abcdefgh-12345678"),
        FULL.replace("2026-11-23T10:00:00.123Z", "2026-02-30T10:00:00Z"),
        FULL.replace("2026-11-23T10:00:00.123Z", "2026-11-23T25:00:00Z"),
        FULL.replace("2026-11-23T10:00:00.123Z", "2026-11-23 10:00:00Z"),
        FULL.replace("2026-11-23T10:00:00.123Z", "2026-11-23T10:00:00"),
        FULL.replace("2026-11-23T10:00:00.123Z", "2026-11-23T10:00:60Z"),
        FULL.replace("URI: https", "URI: ht tps"),
        FULL.replace("URI: https://naap.example:8443/sign-in?x=1#y", "URI: /relative"),
        FULL.replace("- https://example.com/claim.json", "- not a uri"),
        FULL.replace("- https", "-https"),
        FULL.replace("Request ID: some-id%20x", "Request ID: some id"),
        FULL.replace("naap.example:8443 wants", "naap.example:8443/path wants"),
        FULL.replace(" wants you", " wants  you"),
        swap(FULL, "Expiration Time", "Not Before"),
        swap(FULL, "Version", "Chain ID"),
        FULL.replace("\n\nI agree", "\nI agree"),
        "a".repeat(SiweMessage.MAX_LENGTH + 1));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void refusesWhatCouldBeReadAnotherWay(String text) {
    assertThat(read(text)).isEmpty();
  }

  /** Mutated messages never crash the parser, and an accepted one formats back to the same text. */
  @Test
  void acceptsNoMutationThatItWouldNotHaveWritten() {
    Random random = new Random(4361);
    String alphabet = " \n:-./0123456789ABCZabcxyz\r\t#?&=%[]@\u00e9";
    int accepted = 0;
    for (int i = 0; i < 100_000; i++) {
      StringBuilder text = new StringBuilder(FULL);
      int edits = 1 + random.nextInt(3);
      for (int edit = 0; edit < edits; edit++) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
          case 1 -> text.deleteCharAt(at);
          default -> text.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
        }
      }
      Optional<SiweMessage> message = read(text.toString());
      if (message.isPresent()) {
        accepted++;
        assertThat(lines(text.toString())).containsAll(lines(message.get()));
      }
    }
    assertThat(accepted).isPositive();
  }

  private static java.util.List<String> lines(String text) {
    return text.lines().toList();
  }

  /** The lines that the fields alone determine. */
  private static java.util.List<String> lines(SiweMessage message) {
    return java.util.List.of(
        message.site().scheme().map(scheme -> scheme + "://").orElse("")
            + message.site().domain()
            + " wants you to sign in with your Ethereum account:",
        message.account().address(),
        "URI: " + message.uri(),
        "Version: 1",
        "Chain ID: " + message.account().chainId(),
        "Nonce: " + message.nonce());
  }

  private static String swap(String text, String first, String second) {
    String[] lines = text.split("\n", -1);
    int a = -1;
    int b = -1;
    for (int i = 0; i < lines.length; i++) {
      a = lines[i].startsWith(first + ":") ? i : a;
      b = lines[i].startsWith(second + ":") ? i : b;
    }
    String kept = lines[a];
    lines[a] = lines[b];
    lines[b] = kept;
    return String.join("\n", lines);
  }

  private static Optional<SiweMessage> read(String text) {
    return SiweMessage.read(text) instanceof SiweMessage.Reading.Read read
        ? Optional.of(read.message())
        : Optional.empty();
  }
}
