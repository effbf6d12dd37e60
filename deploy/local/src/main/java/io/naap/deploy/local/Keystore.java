package io.naap.deploy.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.web3j.crypto.Hash;

/** Writes a Web3 Secret Storage file, version 3, with PBKDF2: what geth and others read. */
final class Keystore {
  private static final int ROUNDS = 262_144;
  private static final HexFormat HEX = HexFormat.of();

  private Keystore() {}

  static String encrypt(String privateKey, String password, SecureRandom random) {
    byte[] salt = new byte[32];
    byte[] iv = new byte[16];
    random.nextBytes(salt);
    random.nextBytes(iv);
    byte[] derived = derive(password, salt);
    byte[] cipherText;
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE,
          new SecretKeySpec(Arrays.copyOf(derived, 16), "AES"),
          new IvParameterSpec(iv));
      cipherText = cipher.doFinal(HEX.parseHex(privateKey));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
    byte[] macInput = Arrays.copyOf(Arrays.copyOfRange(derived, 16, 32), 16 + cipherText.length);
    System.arraycopy(cipherText, 0, macInput, 16, cipherText.length);

    ObjectNode file = new ObjectMapper().createObjectNode();
    file.put("version", 3)
        .put("id", UUID.randomUUID().toString())
        .put(
            "address",
            Wallet.of(privateKey).address().substring(2).toLowerCase(java.util.Locale.ROOT));
    ObjectNode crypto = file.putObject("crypto");
    crypto
        .put("cipher", "aes-128-ctr")
        .put("ciphertext", HEX.formatHex(cipherText))
        .put("kdf", "pbkdf2")
        .put("mac", HEX.formatHex(Hash.sha3(macInput)));
    crypto.putObject("cipherparams").put("iv", HEX.formatHex(iv));
    crypto
        .putObject("kdfparams")
        .put("c", ROUNDS)
        .put("dklen", 32)
        .put("prf", "hmac-sha256")
        .put("salt", HEX.formatHex(salt));
    return file.toString();
  }

  private static byte[] derive(String password, byte[] salt) {
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
          .generateSecret(new PBEKeySpec(password.toCharArray(), salt, ROUNDS, 256))
          .getEncoded();
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }
}
