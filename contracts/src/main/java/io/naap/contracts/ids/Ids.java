package io.naap.contracts.ids;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.random.RandomGenerator;

/**
 * Generates ids: the prefix of the kind, an underscore and a UUIDv7 (RFC 9562, section 5.7) in 26
 * characters of lower-case Crockford base 32. Ids of a kind sort by the millisecond in which they
 * were generated. Example: {@code ten_01kaq3v7g8e2nb0p4m6r9t1x5z}.
 */
public final class Ids {
  static final int BODY_LENGTH = 26;
  private static final int RANDOM_BYTES = Short.BYTES + Long.BYTES;
  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

  private final Clock clock;
  private final RandomGenerator random;

  public Ids(Clock clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  public String next(IdKind kind) {
    byte[] drawn = new byte[RANDOM_BYTES];
    random.nextBytes(drawn);
    ByteBuffer bits = ByteBuffer.wrap(drawn);
    long high = clock.millis() << 16 | 0x7000L | (bits.getShort() & 0x0fffL);
    long low = 0x8000_0000_0000_0000L | (bits.getLong() >>> 2);
    return kind.prefix() + '_' + encode(high, low);
  }

  private static String encode(long high, long low) {
    char[] body = new char[BODY_LENGTH];
    long h = high;
    long l = low;
    for (int at = BODY_LENGTH - 1; at >= 0; at--) {
      body[at] = ALPHABET.charAt((int) (l & 31));
      l = (l >>> 5) | (h << 59);
      h >>>= 5;
    }
    return new String(body);
  }

  static boolean isBody(String text, int from) {
    if (text.charAt(from) > '7') {
      return false;
    }
    for (int at = from; at < text.length(); at++) {
      if (ALPHABET.indexOf(text.charAt(at)) < 0) {
        return false;
      }
    }
    return true;
  }
}
