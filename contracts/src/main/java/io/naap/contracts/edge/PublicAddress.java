package io.naap.contracts.edge;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Tells whether an IP address belongs to the public internet. Addresses that a customer names and
 * that the platform or a gateway connects to (webhook targets, outputs of streams) must be public.
 * All services use this one check: if two differed, requests could reach the operator's own
 * network.
 *
 * <p>Blocks are compared by their real prefix length, as in IANA's registries of special-purpose
 * addresses (RFC 6890 and its updates).
 */
public final class PublicAddress {
  private static final List<Block> INSIDE_IPV4 =
      List.of(
          Block.of("0.0.0.0", 8),
          Block.of("10.0.0.0", 8),
          Block.of("100.64.0.0", 10),
          Block.of("127.0.0.0", 8),
          Block.of("169.254.0.0", 16),
          Block.of("172.16.0.0", 12),
          Block.of("192.0.0.0", 24),
          Block.of("192.0.2.0", 24),
          Block.of("192.88.99.0", 24),
          Block.of("192.168.0.0", 16),
          Block.of("198.18.0.0", 15),
          Block.of("198.51.100.0", 24),
          Block.of("203.0.113.0", 24),
          Block.of("224.0.0.0", 4),
          Block.of("240.0.0.0", 4));

  /** The IPv6 block from which all public addresses are assigned. */
  private static final Block GLOBAL_IPV6 = Block.of("2000::", 3);

  private static final List<Block> INSIDE_IPV6 =
      List.of(
          // Protocol assignments: Teredo, benchmarking, ORCHID.
          Block.of("2001::", 23), Block.of("2001:db8::", 32), Block.of("3fff::", 20));

  /** The address of an IPv4 host follows these 16 bits (RFC 3056). */
  private static final Block SIX_TO_FOUR = Block.of("2002::", 16);

  private PublicAddress() {}

  /** True for an IPv4 or IPv6 address of the public internet. */
  public static boolean isPublic(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return isPublicIpv4(bytes);
    }
    if (address instanceof Inet6Address scoped && scoped.getScopeId() != 0) {
      return false;
    }
    if (SIX_TO_FOUR.contains(bytes)) {
      return isPublicIpv4(Arrays.copyOfRange(bytes, 2, 6));
    }
    return GLOBAL_IPV6.contains(bytes) && INSIDE_IPV6.stream().noneMatch(b -> b.contains(bytes));
  }

  private static boolean isPublicIpv4(byte[] bytes) {
    return INSIDE_IPV4.stream().noneMatch(block -> block.contains(bytes));
  }

  /** A block of addresses with the same leading bits. Blocks are never compared with each other. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Block(byte[] prefix, int bits) {
    static Block of(String address, int bits) {
      try {
        // The text is an address literal, so no DNS look-up happens.
        return new Block(InetAddress.getByName(address).getAddress(), bits);
      } catch (UnknownHostException impossible) {
        throw new IllegalStateException(impossible);
      }
    }

    boolean contains(byte[] address) {
      if (address.length != prefix.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        if (((address[bit / 8] ^ prefix[bit / 8]) & mask) != 0) {
          return false;
        }
      }
      return true;
    }
  }
}
