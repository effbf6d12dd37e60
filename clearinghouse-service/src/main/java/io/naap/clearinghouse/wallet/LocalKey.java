package io.naap.clearinghouse.wallet;

import fr.acinq.secp256k1.Secp256k1;
import java.util.Arrays;

/**
 * A key in this process' memory, as bytes and never as text. libsecp256k1, because a live stream's
 * first payment signs a hundred tickets; deterministic (RFC 6979) and low-S.
 */
final class LocalKey implements SigningKey {
  private static final int SIGNATURE = 65;

  private final byte[] key;
  private final byte[] publicKey;
  private final Address address;

  LocalKey(byte[] key) {
    if (!Secp256k1.get().secKeyVerify(key)) {
      throw new IllegalStateException("naap.clearinghouse.wallet holds no valid key");
    }
    this.key = key.clone();
    this.publicKey = Secp256k1.get().pubkeyCreate(key);
    this.address = Address.ofPublicKey(publicKey);
  }

  @Override
  public Address address() {
    return address;
  }

  @Override
  public byte[] sign(byte[] payload) {
    byte[] digest = Keccak.hash(payload);
    byte[] compact = Secp256k1.get().sign(digest, key);
    byte[] signature = Arrays.copyOf(compact, SIGNATURE);
    // Two points have this R and a low S; recovering one of them tells which is the key's.
    boolean even = Arrays.equals(Secp256k1.get().ecdsaRecover(compact, digest, 0), publicKey);
    signature[SIGNATURE - 1] = (byte) (even ? 27 : 28);
    return signature;
  }
}
