package io.naap.deploy.local;

import fr.acinq.secp256k1.Secp256k1;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.web3j.crypto.Hash;
import org.web3j.crypto.Keys;

/** A secp256k1 wallet that signs messages as a browser wallet does (EIP-191). */
public final class Wallet {
  private final byte[] key;
  private final byte[] address;

  private Wallet(byte[] key) {
    this.key = key;
    byte[] point = Secp256k1.get().pubkeyCreate(key);
    this.address = Arrays.copyOfRange(Hash.sha3(Arrays.copyOfRange(point, 1, 65)), 12, 32);
  }

  /** A wallet of a private key in hexadecimal. */
  public static Wallet of(String privateKey) {
    return new Wallet(HexFormat.of().parseHex(privateKey));
  }

  /** The EIP-55 address. */
  public String address() {
    return Keys.toChecksumAddress("0x" + HexFormat.of().formatHex(address));
  }

  /** Signs a text: 65 bytes as {@code 0x} hexadecimal, v 27 or 28. */
  public String sign(String text) {
    byte[] message = text.getBytes(StandardCharsets.UTF_8);
    byte[] prefix =
        ("\u0019Ethereum Signed Message:\n" + message.length).getBytes(StandardCharsets.UTF_8);
    byte[] all = Arrays.copyOf(prefix, prefix.length + message.length);
    System.arraycopy(message, 0, all, prefix.length, message.length);
    byte[] digest = Hash.sha3(all);
    byte[] compact = Secp256k1.get().sign(digest, key);
    byte[] point = Secp256k1.get().pubkeyCreate(key);
    for (int id = 0; id < 2; id++) {
      if (Arrays.equals(Secp256k1.get().ecdsaRecover(compact, digest, id), point)) {
        byte[] signature = Arrays.copyOf(compact, 65);
        signature[64] = (byte) (27 + id);
        return "0x" + HexFormat.of().formatHex(signature);
      }
    }
    throw new IllegalStateException("no recovery id fits the signature");
  }

  @Override
  public String toString() {
    return address();
  }
}
