package io.naap.contracts.edge;

import io.netty.util.NetUtil;

/**
 * Groups client addresses for limits per address: an IPv4 address counts alone, an IPv6 address
 * counts with its /64 network, the smallest block that a provider assigns to one customer.
 */
public final class AddressGroup {
  private static final int NETWORK_BYTES = 8;

  private AddressGroup() {}

  /** The name of the group that an address is counted in. */
  public static String of(String address) {
    if (address == null || address.indexOf(':') < 0) {
      return String.valueOf(address);
    }
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
    if (bytes == null || bytes.length != 16) {
      return address;
    }
    if (isMappedIpv4(bytes)) {
      return (bytes[12] & 0xff)
          + "."
          + (bytes[13] & 0xff)
          + "."
          + (bytes[14] & 0xff)
          + "."
          + (bytes[15] & 0xff);
    }
    StringBuilder network = new StringBuilder();
    for (int at = 0; at < NETWORK_BYTES; at += 2) {
      network
          .append(Integer.toHexString((bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff)))
          .append(':');
    }
    return network.append(":/64").toString();
  }

  private static boolean isMappedIpv4(byte[] bytes) {
    for (int at = 0; at < 10; at++) {
      if (bytes[at] != 0) {
        return false;
      }
    }
    return bytes[10] == -1 && bytes[11] == -1;
  }
}
