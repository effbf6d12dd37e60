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
 * An EIP-4361 message, version 1. What is read is a part of what the standard's grammar allows; for
 * the sake of one reading it is narrower in this:
 *
 * <ul>
 *   <li>the address has its EIP-55 checksum and begins with a small {@code 0x};
 *   <li>a statement that is there is not empty, and like all else it is ASCII, as the grammar says
 *       (its prose and some wallets would have more);
 *   <li>a domain has a host, and after a colon a port of 1 to 5 digits;
 *   <li>a chain id has no leading zero and at most 15 digits, a nonce has at most 256 characters;
 *   <li>times have a capital {@code T} and {@code Z}, at most nine digits of a second, and an
 *       offset of at most 18 hours; second 60 is refused, for what follows it is not known
 *       beforehand.
 * </ul>
 *
 * @param scheme of the origin, when the message names it
 * @param domain RFC 3986 authority that asks
 * @param address EIP-55 address that signs
 * @param resources URIs, in order
 */
public record SiweMessage(
    Optional<String> scheme,
    String domain,
    String address,
    Optional<String> statement,
    String uri,
    long chainId,
    String nonce,
    Instant issuedAt,
    Optional<Instant> expirationTime,
    Optional<Instant> notBefore,
    Optional<String> requestId,
    List<String> resources) {
  /** The most bytes a message may have. */
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

  /** What reading came to. */
  public sealed interface Reading {
    /** A message. */
    record Read(SiweMessage message) implements Reading {}

    /**
     * Not a message.
     *
     * @param why for the one who wrote it
     */
    record Refused(String why) implements Reading {}
  }

  /** Reads a message in its one form. */
  public static Reading read(String text) {
    try {
      return new Reading.Read(new Lines(text).message());
    } catch (Malformed malformed) {
      return new Reading.Refused(malformed.getMessage());
    }
  }

  /** The lines of a message, read from the first to the last; nothing may be left. */
  private static final class Lines {
    private final List<String> lines;
    private int at;

    Lines(String text) {
      // No text has fewer bytes than chars, so the long ones are refused without counting bytes.
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
          scheme,
          domain,
          address,
          statement,
          uri,
          Long.parseLong(chain),
          nonce,
          issuedAt,
          expiration,
          notBefore,
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

  /** Ends the reading; never leaves this class. */
  private static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Malformed(String why) {
      super(why, null, false, false);
    }
  }
}
