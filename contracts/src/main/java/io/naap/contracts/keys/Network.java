package io.naap.contracts.keys;

import io.naap.contracts.problem.InvalidInput;
import io.netty.util.NetUtil;

/** An IP network, {@code 10.0.0.0/8} or {@code 2001:db8::/32}; a single address is one too. */
public final class Network {
  private final byte[] address;
  private final int bits;

  private Network(byte[] address, int bits) {
    this.address = address;
    this.bits = bits;
  }

  /**
   * Parses a network in CIDR notation.
   *
   * @throws InvalidInput when it is none
   */
  public static Network of(String cidr) {
    int slash = cidr.indexOf('/');
    byte[] address = bytes(slash < 0 ? cidr : cidr.substring(0, slash));
    if (address == null) {
      throw new InvalidInput("not a network: " + cidr);
    }
    int bits = slash < 0 ? address.length * 8 : Integer.parseInt(cidr.substring(slash + 1));
    if (bits < 0 || bits > address.length * 8) {
      throw new InvalidInput("not a network: " + cidr);
    }
    return new Network(address, bits);
  }

  /** True when the text is an address in this network. */
  public boolean contains(String text) {
    byte[] other = bytes(text);
    if (other == null || other.length != address.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit & 7);
      if ((address[bit >> 3] & mask) != (other[bit >> 3] & mask)) {
        return false;
      }
    }
    return true;
  }

  private static byte[] bytes(String text) {
    byte[] address = text == null ? null : NetUtil.createByteArrayFromIpAddressString(text);
    // An IPv4-mapped IPv6 address is treated as the IPv4 address.
    if (address != null && address.length == 16) {
      for (int at = 0; at < 12; at++) {
        if (address[at] != (at < 10 ? 0 : (byte) 0xff)) {
          return address;
        }
      }
      return new byte[] {address[12], address[13], address[14], address[15]};
    }
    return address;
  }
}
