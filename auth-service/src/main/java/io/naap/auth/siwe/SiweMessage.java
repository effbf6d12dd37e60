package io.naap.auth.siwe;

import io.naap.auth.wallet.Address;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An EIP-4361 message, version 1. The parser accepts a subset of the standard's grammar, so that a
 * message has only one reading:
 *
 * <ul>
 *   <li>the address is in EIP-55 form with a lower-case {@code 0x};
 *   <li>a statement is not empty when it is present, and is ASCII like the rest, as in the
 *       standard's grammar (its prose and some wallets allow more);
 *   <li>a domain has a host, and a port of 1 to 5 digits after a colon;
 *   <li>a chain id has no leading zero and at most 15 digits, and a nonce has at most 256
 *       characters;
 *   <li>times have a capital {@code T} and {@code Z}, at most nine digits of a second and an offset
 *       of at most 18 hours; leap seconds (second 60) are refused, because they are not known in
 *       advance.
 * </ul>
 *
 * @param site that asks for the sign-in
 * @param account that signs
 * @param resources URIs, in order
 */
public record SiweMessage(
    Site site,
    Account account,
    Optional<String> statement,
    String uri,
    String nonce,
    Validity validity,
    Optional<String> requestId,
    List<String> resources) {
  /** The most bytes of a message. */
  public static final int MAX_LENGTH = 4096;

  private static final String OPENING = " wants you to sign in with your Ethereum account:";
  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://(.*)");
  private static final Pattern STATEMENT =
      Pattern.compile("[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;= -]+");
  private static final Pattern NONCE = Pattern.compile("[A-Za-z0-9]{8,256}");
  private static final Pattern CHAIN = Pattern.compile("[1-9][0-9]{0,14}");
  private static final Pattern TIME =
      Pattern.compile(
          "\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?(?:Z|[+-]\\d{2}:\\d{2})");
  private static final DateTimeFormatter STRICT =
      DateTimeFormatter.ISO_OFFSET_DATE_TIME.withResolverStyle(ResolverStyle.STRICT);

  public SiweMessage {
    resources = List.copyOf(resources);
  }

  /**
   * Where a person signs in.
   *
   * @param scheme of the origin, if the message states it
   * @param domain an RFC 3986 authority
   */
  public record Site(Optional<String> scheme, String domain) {}

  /**
   * An account on a chain.
   *
   * @param address in EIP-55 form
   */
  public record Account(String address, long chainId) {}

  /** When the message was made and may be used. */
  public record Validity(
      Instant issuedAt, Optional<Instant> expirationTime, Optional<Instant> notBefore) {}

  /** The result of parsing. */
  public sealed interface Reading {
    /** The text is a message. */
    record Read(SiweMessage message) implements Reading {}

    /**
     * The text is not a message.
     *
     * @param why what is wrong, for the client that sent it
     */
    record Refused(String why) implements Reading {}
  }

  /** Parses a message. */
  public static Reading read(String text) {
    try {
      return new Reading.Read(new Lines(text).message());
    } catch (Malformed malformed) {
      return new Reading.Refused(malformed.getMessage());
    }
  }

  /** Reads the lines of a message in order. */
  private static final class Lines {
    private final List<String> lines;
    private int at;

    Lines(String text) {
      // A text has at least as many bytes as chars, so a long one is refused before its bytes are
      // counted.
      if (text == null
          || text.isEmpty()
          || text.length() > MAX_LENGTH
          || text.getBytes(StandardCharsets.UTF_8).length > MAX_LENGTH) {
        throw new Malformed("the message must have 1 to " + MAX_LENGTH + " bytes");
      }
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c != '\n' && (c < ' ' || c > '~')) {
          throw new Malformed("the message must be printable ASCII in lines ended by LF");
        }
      }
      this.lines = List.of(text.split("\n", -1));
    }

    SiweMessage message() {
      String opening = next("the opening line");
      require(
          opening.endsWith(OPENING), "the first line must end with \"" + OPENING.strip() + "\"");
      String origin = opening.substring(0, opening.length() - OPENING.length());
      Matcher withScheme = SCHEME.matcher(origin);
      Optional<String> scheme =
          withScheme.matches() ? Optional.of(withScheme.group(1)) : Optional.empty();
      String domain = withScheme.matches() ? withScheme.group(2) : origin;
      require(Rfc3986.isAuthority(domain), "the domain is not an RFC 3986 authority");
      String address = next("the address");
      require(Address.isChecksummed(address), "the address is not in EIP-55 form");
      require(next("an empty line").isEmpty(), "an empty line must follow the address");
      Optional<String> statement = statement();
      String uri = uri(field("URI: "), "URI");
      require(field("Version: ").equals("1"), "Version must be 1");
      String chain = field("Chain ID: ");
      require(CHAIN.matcher(chain).matches(), "Chain ID must be a positive number");
      String nonce = field("Nonce: ");
      require(NONCE.matcher(nonce).matches(), "Nonce must have at least 8 letters and digits");
      Instant issuedAt = time(field("Issued At: "), "Issued At");
      Optional<Instant> expiration =
          optional("Expiration Time: ").map(text -> time(text, "Expiration Time"));
      Optional<Instant> notBefore = optional("Not Before: ").map(text -> time(text, "Not Before"));
      Optional<String> requestId = optional("Request ID: ");
      require(
          requestId.map(Rfc3986::isSegment).orElse(true),
          "Request ID has characters that are not allowed");
      List<String> resources = resources();
      require(at == lines.size(), "nothing may follow the message");
      return new SiweMessage(
          new Site(scheme, domain),
          new Account(address, Long.parseLong(chain)),
          statement,
          uri,
          nonce,
          new Validity(issuedAt, expiration, notBefore),
          requestId,
          resources);
    }

    private Optional<String> statement() {
      String line = next("a statement or an empty line");
      if (line.isEmpty()) {
        return Optional.empty();
      }
      require(
          STATEMENT.matcher(line).matches(), "the statement has characters that are not allowed");
      require(next("an empty line").isEmpty(), "an empty line must follow the statement");
      return Optional.of(line);
    }

    private List<String> resources() {
      if (at == lines.size() || !lines.get(at).equals("Resources:")) {
        return List.of();
      }
      at++;
      List<String> resources = new ArrayList<>();
      while (at < lines.size()) {
        String line = lines.get(at++);
        require(line.startsWith("- "), "each resource must start with \"- \"");
        resources.add(uri(line.substring(2), "a resource"));
      }
      return resources;
    }

    private String field(String name) {
      String line = next(name.strip());
      require(line.startsWith(name), "expected \"" + name.strip() + "\"");
      return line.substring(name.length());
    }

    private Optional<String> optional(String name) {
      return at < lines.size() && lines.get(at).startsWith(name)
          ? Optional.of(lines.get(at++).substring(name.length()))
          : Optional.empty();
    }

    private String next(String what) {
      require(at < lines.size(), what + " is missing");
      return lines.get(at++);
    }
  }

  private static String uri(String text, String what) {
    require(Rfc3986.origin(text).isPresent(), what + " is not an RFC 3986 URI with a scheme");
    return text;
  }

  private static Instant time(String text, String what) {
    try {
      require(TIME.matcher(text).matches(), what + " is not an RFC 3339 time");
      return OffsetDateTime.parse(text, STRICT).toInstant();
    } catch (DateTimeException doesNotExist) {
      throw new Malformed(what + " does not exist");
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new Malformed(otherwise);
    }
  }

  /** Stops the parser; caught in {@link #read}. */
  private static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Malformed(String why) {
      super(why, null, false, false);
    }
  }
}
