package io.naap.auth.siwe;

import fr.acinq.secp256k1.Secp256k1;
import io.naap.auth.wallet.Address;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import org.web3j.crypto.Hash;

/** A wallet whose private key is a small number. */
public final class TestWallet {
  private final byte[] key;
  private final byte[] point;

  private TestWallet(byte[] key) {
    this.key = key;
    this.point = Secp256k1.get().pubkeyCreate(key);
  }

  public static TestWallet of(long number) {
    byte[] key = new byte[32];
    byte[] minimal = BigInteger.valueOf(number).toByteArray();
    System.arraycopy(minimal, 0, key, 32 - minimal.length, minimal.length);
    return new TestWallet(key);
  }

  public String address() {
    byte[] hash = Hash.sha3(Arrays.copyOfRange(point, 1, 65));
    return Address.of(Arrays.copyOfRange(hash, 12, 32));
  }

  public String sign(String text) {
    byte[] digest =
        Hash.sha3(
            ("\u0019Ethereum Signed Message:\n"
                    + text.getBytes(StandardCharsets.UTF_8).length
                    + text)
                .getBytes(StandardCharsets.UTF_8));
    byte[] compact = Secp256k1.get().sign(digest, key);
    int id = Arrays.equals(Secp256k1.get().ecdsaRecover(compact, digest, 0), point) ? 0 : 1;
    return "0x" + HexFormat.of().formatHex(compact) + "%02x".formatted(27 + id);
  }

  /** A message of this wallet for the tests' origin. */
  public String message(String nonce, Instant now) {
    return message(address(), 1, nonce, now);
  }

  /** A message of an account for the tests' origin. */
  public static String message(String address, long chainId, String nonce, Instant now) {
    return """
    localhost:8080 wants you to sign in with your Ethereum account:
    %s

    Sign in.

    URI: http://localhost:8080/
    Version: 1
    Chain ID: %d
    Nonce: %s
    Issued At: %s"""
        .formatted(address, chainId, nonce, now);
  }
}
