package io.naap.auth.siwe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Two independent parsers agree on every message of a generated corpus, except for the restrictions
 * that {@link SiweMessage} documents.
 */
class SiweGrammarTest {
  private static final String ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

  /**
   * The parts of a message with valid and invalid values; the first value of each is the simplest.
   */
  private static final Map<String, List<String>> PIECES = new LinkedHashMap<>();

  static {
    PIECES.put(
        "scheme", List.of("", "https://", "a+b-c.d://", "1a://", "://", "ht tps://", "é://"));
    PIECES.put(
        "domain",
        List.of(
            "naap.example",
            "naap.example:8443",
            "127.0.0.1",
            "user:pw@naap.example",
            "[::1]:80",
            "[1:2:3:4:5:6:7:8]",
            "[::ffff:127.0.0.1]",
            "[v1.x:y]",
            "a%41b",
            "",
            ":80",
            "naap.example:",
            "naap.example:123456",
            "[:::]",
            "[1:2:3]",
            "[1:2:3:4:5:6:7:8:9]",
            "[1::2::3]",
            "[fe80::1%25eth0]",
            "[::256.0.0.1]",
            "[v.x]",
            "a%4",
            "a%zz",
            "a b",
            "a/b",
            "a@b@c",
            "nääp.example",
            "naap.example\n"));
    PIECES.put(
        "address",
        List.of(
            ADDRESS,
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "0xde709f2102306220921060314715629080e2fb77",
            "0X" + ADDRESS.substring(2),
            "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
            "0xF39FD6E51AAD88F6F4CE6AB8827279CFFFB92266",
            "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb9226",
            ADDRESS + "6",
            ADDRESS + " ",
            " " + ADDRESS,
            "0xg39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
            "eip155:1:" + ADDRESS,
            ""));
    PIECES.put(
        "statement",
        List.of(
            "\nI agree (to all) of it!\n",
            "\n",
            "\nURI: https://evil.example\n",
            "\n" + ADDRESS + "\n",
            "\n \n",
            "\n:/?#[]@!$&'()*+,;=-._~\n",
            "\n\n",
            "",
            "\n\n\n",
            "\nI agree",
            "\none\ntwo\n",
            "\none\rtwo\n",
            "\none\ttwo\n",
            "\n100%\n",
            "\n\"quoted\"\n",
            "\n<b>\n",
            "\nthe café\n",
            "\n\u2028\n",
            "\nzero\u0000\n",
            "\ndelete\u007f\n"));
    PIECES.put(
        "uri",
        List.of(
            "https://naap.example/sign-in?x=1#y",
            "https://naap.example",
            "urn:a:b",
            "https:",
            "did:key:z6Mk?x/y#z?",
            "a:/",
            "a:/b//c",
            "http://[::cafe]:1/%41",
            "https://",
            "file:///x",
            "http://user@:80",
            "/relative",
            "//naap.example",
            "",
            "naap.example",
            "http://[bad]/",
            "http://[::1%25en0]/",
            "http://a/?q=[b]",
            "http://a/#b#c",
            "http://a/%4",
            "http://a/%zz",
            "http://a b",
            "http://a/\\b",
            "http://a/|",
            "http://a:8a/",
            "1http://a",
            "a:/b[c]",
            "a:b{c}"));
    PIECES.put("version", List.of("1", "2", "01", "1.0", "", " 1", "1 ", "1\nVersion: 1"));
    PIECES.put(
        "chainId",
        List.of(
            "1",
            "42161",
            "999999999999999",
            "0",
            "01",
            "1000000000000000",
            "9223372036854775808",
            "-1",
            "+1",
            "0x1",
            "1.0",
            "1e3",
            "",
            "1 ",
            "١"));
    PIECES.put(
        "nonce",
        List.of(
            "abcdefgh12345678",
            "12345678",
            "A".repeat(256),
            "A".repeat(257),
            "abcdefg",
            "",
            "abcdefgh-",
            "abcdefgh ",
            "abcdefgh_",
            "abcdefghé",
            "abcdefgh\nNonce: abcdefgh"));
    PIECES.put(
        "issuedAt",
        List.of(
            "2026-11-23T10:00:00Z",
            "2026-11-23T10:00:00.123456789Z",
            "2024-02-29T00:00:00+14:00",
            "2026-11-23T10:00:00-00:00",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59-18:00",
            "2000-02-29T23:59:59.9+00:01",
            "2026-11-23t10:00:00z",
            "2026-11-23T10:00:00.1234567890Z",
            "2016-12-31T23:59:60Z",
            "2026-11-23T10:00:00+18:01",
            "2026-11-23T10:00:00+23:59",
            "2026-11-23T10:00:00+24:00",
            "2026-11-23T10:00:00+01:60",
            "2026-11-23T10:00:00+1:00",
            "2026-11-23T10:00:00+0100",
            "2026-11-23T10:00:00",
            "2026-11-23T10:00Z",
            "2026-11-23 10:00:00Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T10:60:00Z",
            "2026-11-23T10:00:61Z",
            "2026-11-23T10:00:00.Z",
            "2026-11-23T10:00:00,5Z",
            "2026-02-29T10:00:00Z",
            "1900-02-29T10:00:00Z",
            "2026-04-31T10:00:00Z",
            "2026-13-01T10:00:00Z",
            "2026-00-01T10:00:00Z",
            "2026-11-00T10:00:00Z",
            "2026-11-32T10:00:00Z",
            "+12026-11-23T10:00:00Z",
            "-2026-11-23T10:00:00Z",
            "26-11-23T10:00:00Z",
            "2026-11-23T10:00:00Z[UTC]",
            "2026-11-23T10:00:00ZZ",
            "1795428000",
            ""));
    PIECES.put(
        "expirationTime",
        List.of(
            "",
            "\nExpiration Time: 2026-11-23T10:05:00Z",
            "\nExpiration Time: 2026-02-30T10:05:00Z",
            "\nExpiration Time: ",
            "\nexpiration time: 2026-11-23T10:05:00Z",
            "\nExpiration Time:2026-11-23T10:05:00Z",
            "\nExpiration Time: 2026-11-23T10:05:00Z\nExpiration Time: 2026-11-23T10:05:00Z"));
    PIECES.put(
        "notBefore",
        List.of(
            "",
            "\nNot Before: 2026-11-23T09:59:00+02:00",
            "\nNot Before: 2026-11-23T09:59Z",
            "\nNot Before: 2026-11-23T09:59:00Z\nNot Before: 2026-11-23T09:59:00Z",
            "\nNot Before: 2026-11-23T09:59:00Z\nExpiration Time: 2026-11-23T10:05:00Z",
            "\n\nNot Before: 2026-11-23T09:59:00Z"));
    PIECES.put(
        "requestId",
        List.of(
            "",
            "\nRequest ID: some-id%20x",
            "\nRequest ID: ",
            "\nRequest ID: a:b@c!$&'()*+,;=",
            "\nRequest ID: some id",
            "\nRequest ID: a/b",
            "\nRequest ID: a%2",
            "\nRequest ID: é",
            "\nRequest ID: x\nRequest ID: y"));
    PIECES.put(
        "resources",
        List.of(
            "",
            "\nResources:",
            "\nResources:\n- https://a.example\n- urn:b",
            "\nResources:\n- ipfs://bafybei/",
            "\nResources: ",
            "\nResources:\n",
            "\nResources:\n-https://a.example",
            "\nResources:\n- ",
            "\nResources:\n- not a uri",
            "\nResources:\nhttps://a.example",
            "\nResources:\n- https://a.example\n\n- urn:b",
            "\nResources:\n- https://a.example\nRequest ID: x",
            "\nResources:\nResources:"));
    PIECES.put("end", List.of("", "\n", " ", "\r\n", "\u0000", "x", "\nx"));
  }

  private int accepted;
  private int refused;
  private int narrower;

  @Test
  void agreesOnEveryPairOfOddPieces() {
    List<String> names = List.copyOf(PIECES.keySet());
    for (int a = 0; a < names.size(); a++) {
      for (int b = a + 1; b < names.size(); b++) {
        for (String one : PIECES.get(names.get(a))) {
          for (String other : PIECES.get(names.get(b))) {
            compare(message(Map.of(names.get(a), one, names.get(b), other)));
          }
        }
      }
    }

    assertThat(accepted).isGreaterThan(1_000);
    assertThat(refused).isGreaterThan(10_000);
    assertThat(narrower).isGreaterThan(100);
  }

  @Test
  void agreesOnMessagesThatWereMutated() {
    Random random = new Random(20_261_123);
    String alphabet =
        " \n:-./0123456789ABCZabcxyz\r\t#?&=%[]@{}|\\\"<>^`~+,TZv\u0000\u007f\u00e9\u2028";
    for (int i = 0; i < 200_000; i++) {
      String text = random(random);
      StringBuilder mutant = new StringBuilder(text);
      int edits = random.nextInt(4);
      for (int edit = 0; edit < edits && !mutant.isEmpty(); edit++) {
        int at = random.nextInt(mutant.length());
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        switch (random.nextInt(6)) {
          case 0, 1 -> mutant.setCharAt(at, c);
          case 2 -> mutant.deleteCharAt(at);
          case 3 -> mutant.insert(at, c);
          case 4 -> mutant.setCharAt(at, (char) (mutant.charAt(at) ^ 0x20));
          default -> editLines(mutant, random);
        }
      }
      compare(mutant.toString());
    }

    assertThat(accepted).isGreaterThan(30_000);
    assertThat(refused).isGreaterThan(80_000);
  }

  /** Parsing returns what was written: nothing is lost, added or moved to another field. */
  @Test
  void readsBackWhatWasWritten() {
    Random random = new Random(4361);
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      Optional<SiweMessage> message = read(random(random));
      if (message.isPresent()) {
        read++;
        assertThat(read(write(message.get()))).isEqualTo(message);
      }
    }

    assertThat(read).isGreaterThan(5_000);
  }

  private void compare(String text) {
    Optional<SiweMessage> ours = read(text);
    Optional<AbnfReading.Values> other = AbnfReading.of(text);
    if (ours.isPresent()) {
      accepted++;
      assertThat(other).as("only we accept: %s", text).isPresent();
      assertSame(ours.get(), other.get(), text);
    } else if (other.isPresent()) {
      narrower++;
      assertThat(isNarrowedOnPurpose(text, other.get())).as("only we refuse: %s", text).isTrue();
    } else {
      refused++;
    }
  }

  private static void assertSame(SiweMessage ours, AbnfReading.Values other, String text) {
    boolean same =
        ours.site().scheme().equals(Optional.ofNullable(other.scheme()))
            && ours.site().domain().equals(other.domain())
            && ours.account().address().equals(other.address())
            && ours.statement().equals(Optional.ofNullable(other.statement()))
            && ours.uri().equals(other.uri())
            && Long.toString(ours.account().chainId()).equals(other.chainId())
            && ours.nonce().equals(other.nonce())
            && same(Optional.of(ours.validity().issuedAt()), other.issuedAt())
            && same(ours.validity().expirationTime(), other.expirationTime())
            && same(ours.validity().notBefore(), other.notBefore())
            && ours.requestId().equals(Optional.ofNullable(other.requestId()))
            && ours.resources().equals(other.resources());
    assertThat(same).as("%s and %s of %s", ours, other, text).isTrue();
  }

  private static boolean same(Optional<Instant> ours, String other) {
    return other == null
        ? ours.isEmpty()
        : ours.isPresent() && ours.get().getEpochSecond() == AbnfReading.epochSecond(other);
  }

  /** True for the restrictions documented in {@link SiweMessage}. */
  private static boolean isNarrowedOnPurpose(String text, AbnfReading.Values values) {
    return text.length() > SiweMessage.MAX_LENGTH
        || values.address().startsWith("0X")
        || "".equals(values.statement())
        || !values.domain().matches("(?:[^@]*@)?(?:\\[[^]]*]|[^:@]+)(?::[0-9]{1,5})?")
        || !values.chainId().matches("[1-9][0-9]{0,14}")
        || values.nonce().length() > 256
        || isNarrowed(values.issuedAt())
        || isNarrowed(values.expirationTime())
        || isNarrowed(values.notBefore());
  }

  private static boolean isNarrowed(String time) {
    return time != null
        && (time.contains("t")
            || time.contains("z")
            || time.startsWith(":60", 16)
            || time.matches(".*\\.[0-9]{10,}.*")
            || time.matches(".*[+-](?:18:(?!00)|19|2)[0-9:]*"));
  }

  private static String random(Random random) {
    Map<String, String> pieces = new LinkedHashMap<>();
    PIECES.forEach(
        (name, all) -> {
          // Mostly picks valid values, which come first.
          int among = random.nextInt(12) == 0 ? all.size() : Math.min(3, all.size());
          pieces.put(name, all.get(random.nextInt(among)));
        });
    pieces.put("scheme", random.nextBoolean() ? "" : "https://");
    pieces.put("version", "1");
    pieces.put("end", "");
    for (String optional : List.of("expirationTime", "notBefore", "requestId")) {
      if (pieces.get(optional).length() > 1 && random.nextInt(12) != 0) {
        pieces.put(optional, PIECES.get(optional).get(1));
      }
    }
    if (pieces.get("address").startsWith("0X")) {
      pieces.put("address", ADDRESS);
    }
    return message(pieces);
  }

  private static String message(Map<String, String> pieces) {
    return piece(pieces, "scheme")
        + piece(pieces, "domain")
        + " wants you to sign in with your Ethereum account:\n"
        + piece(pieces, "address")
        + "\n"
        + piece(pieces, "statement")
        + "\nURI: "
        + piece(pieces, "uri")
        + "\nVersion: "
        + piece(pieces, "version")
        + "\nChain ID: "
        + piece(pieces, "chainId")
        + "\nNonce: "
        + piece(pieces, "nonce")
        + "\nIssued At: "
        + piece(pieces, "issuedAt")
        + piece(pieces, "expirationTime")
        + piece(pieces, "notBefore")
        + piece(pieces, "requestId")
        + piece(pieces, "resources")
        + piece(pieces, "end");
  }

  private static String piece(Map<String, String> pieces, String name) {
    String given = pieces.get(name);
    return given != null ? given : PIECES.get(name).getFirst();
  }

  private static void editLines(StringBuilder text, Random random) {
    List<String> lines = new ArrayList<>(List.of(text.toString().split("\n", -1)));
    int a = random.nextInt(lines.size());
    int b = random.nextInt(lines.size());
    switch (random.nextInt(3)) {
      case 0 -> lines.add(b, lines.get(a));
      case 1 -> lines.remove(a);
      default -> lines.set(a, lines.set(b, lines.get(a)));
    }
    text.replace(0, text.length(), String.join("\n", lines));
  }

  private static String write(SiweMessage message) {
    StringBuilder text = new StringBuilder();
    message.site().scheme().ifPresent(scheme -> text.append(scheme).append("://"));
    text.append(message.site().domain())
        .append(" wants you to sign in with your Ethereum account:\n")
        .append(message.account().address())
        .append("\n\n");
    message.statement().ifPresent(statement -> text.append(statement).append('\n'));
    text.append("\nURI: ")
        .append(message.uri())
        .append("\nVersion: 1\nChain ID: ")
        .append(message.account().chainId())
        .append("\nNonce: ")
        .append(message.nonce())
        .append("\nIssued At: ")
        .append(time(message.validity().issuedAt()));
    message
        .validity()
        .expirationTime()
        .ifPresent(t -> text.append("\nExpiration Time: ").append(time(t)));
    message.validity().notBefore().ifPresent(t -> text.append("\nNot Before: ").append(time(t)));
    message.requestId().ifPresent(id -> text.append("\nRequest ID: ").append(id));
    if (!message.resources().isEmpty()) {
      text.append("\nResources:");
      message.resources().forEach(resource -> text.append("\n- ").append(resource));
    }
    return text.toString();
  }

  private static String time(Instant instant) {
    // The offset keeps the year within four digits for the first and the last possible times.
    boolean last = instant.isAfter(Instant.parse("9000-01-01T00:00:00Z"));
    return instant
        .atOffset(ZoneOffset.ofHours(last ? -18 : 5))
        .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME);
  }

  private static Optional<SiweMessage> read(String text) {
    return switch (SiweMessage.read(text)) {
      case SiweMessage.Reading.Read read -> Optional.of(read.message());
      case SiweMessage.Reading.Refused ignored -> Optional.empty();
    };
  }
}
