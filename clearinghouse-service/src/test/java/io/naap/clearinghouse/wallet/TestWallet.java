package io.naap.clearinghouse.wallet;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.SCrypt;

/** The first account of every Ethereum test tool; its key is public. */
public final class TestWallet {
  private static final String KEY =
      "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

  private TestWallet() {}

  public static Wallet hardhat0() {
    return Wallet.of(HexFormat.of().parseHex(KEY));
  }

  /** Its V3 keystore, with a quick key derivation. */
  public static String keystore(String password) {
    return keystore(
        password, HexFormat.of().parseHex(KEY), "f39fd6e51aad88f6f4ce6ab8827279cfffb92266");
  }

  /** The V3 keystore of any key; the address may be left empty. */
  static String keystore(String password, byte[] key, String address) {
    byte[] salt = new byte[32];
    byte[] iv = new byte[16];
    byte[] derived =
        SCrypt.generate(
            password.getBytes(java.nio.charset.StandardCharsets.UTF_8), salt, 1024, 8, 1, 32);
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE, new SecretKeySpec(derived, 0, 16, "AES"), new IvParameterSpec(iv));
      byte[] text = cipher.doFinal(key);
      byte[] mac = Keccak.hash(Arrays.copyOfRange(derived, 16, 32), text);
      return """
          {"version":3,"address":"%s","crypto":
          {"cipher":"aes-128-ctr","cipherparams":{"iv":"%s"},"ciphertext":"%s","kdf":"scrypt",
          "kdfparams":{"dklen":32,"n":1024,"r":8,"p":1,"salt":"%s"},"mac":"%s"}}"""
          .formatted(address, hex(iv), hex(text), hex(salt), hex(mac));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
