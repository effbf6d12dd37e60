package io.naap.clearinghouse.wallet;

import com.google.protobuf.ByteString;
import fr.acinq.secp256k1.Secp256k1;
import fr.acinq.secp256k1.Secp256k1Exception;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Signs as Ethereum's {@code eth_sign} does: deterministic (RFC 6979), low-S, 65 bytes with v 27 or
 * 28. A raw digest is never signed, only a message under its prefix.
 *
 * <p>libsecp256k1, because a live stream's first payment signs a hundred tickets.
 */
public final class Wallet {
  private static final int SIGNATURE = 65;
  private static final BigInteger HALF_ORDER =
      new BigInteger("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0", 16);

  private final byte[] key;
  private final Address address;

  private Wallet(byte[] key) {
    this.key = key.clone();
    this.address = Address.ofPublicKey(Secp256k1.get().pubkeyCreate(key));
  }

  /** Opens a keystore; refuses one whose stated address is not its key's. */
  public static Wallet open(Path keystore, Path passwordFile) {
    Wallet wallet = of(Keystore.open(keystore, passwordFile));
    String claimed = Keystore.claimedAddress(keystore);
    if (!claimed.isEmpty() && !wallet.address.lowerCase().equals("0x" + claimed)) {
      throw new IllegalStateException(
          "naap.clearinghouse.wallet.keystore holds another key than its address says");
    }
    return wallet;
  }

  static Wallet of(byte[] key) {
    if (!Secp256k1.get().secKeyVerify(key)) {
      throw new IllegalStateException("naap.clearinghouse.wallet.keystore holds no valid key");
    }
    return new Wallet(key);
  }

  public Address address() {
    return address;
  }

  /** Signs a message under the prefix of EIP-191, version 0x45. */
  public ByteString sign(byte[] message) {
    byte[] digest = digest(message);
    byte[] compact = Secp256k1.get().sign(digest, key);
    byte[] signature = Arrays.copyOf(compact, SIGNATURE);
    for (int recovery = 0; recovery < 2; recovery++) {
      byte[] publicKey = Secp256k1.get().ecdsaRecover(compact, digest, recovery);
      if (Address.ofPublicKey(publicKey).equals(address)) {
        signature[SIGNATURE - 1] = (byte) (27 + recovery);
        return ByteString.copyFrom(signature);
      }
    }
    throw new IllegalStateException("a signature does not recover to its own key");
  }

  /** True when this wallet signed the message; high-S and other lengths are never right. */
  public boolean signed(byte[] message, ByteString signature) {
    if (signature.size() != SIGNATURE) {
      return false;
    }
    byte[] bytes = signature.toByteArray();
    int recovery = bytes[SIGNATURE - 1] - 27;
    if (recovery < 0
        || recovery > 1
        || new BigInteger(1, bytes, 32, 32).compareTo(HALF_ORDER) > 0) {
      return false;
    }
    try {
      byte[] publicKey =
          Secp256k1.get().ecdsaRecover(Arrays.copyOf(bytes, 64), digest(message), recovery);
      return Address.ofPublicKey(publicKey).equals(address);
    } catch (Secp256k1Exception notASignature) {
      return false;
    }
  }

  private static byte[] digest(byte[] message) {
    String prefix = "\u0019Ethereum Signed Message:\n" + message.length;
    return Keccak.hash(prefix.getBytes(StandardCharsets.US_ASCII), message);
  }

  @Override
  public String toString() {
    return "Wallet[" + address + "]";
  }
}
