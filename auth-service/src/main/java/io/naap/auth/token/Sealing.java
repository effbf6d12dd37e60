package io.naap.auth.token;

import io.naap.contracts.secret.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Encrypts what is secret before it is stored: AES-256-GCM, a fresh IV before each text. */
@ApplicationScoped
public class Sealing {
  private static final int KEY_BYTES = 32;
  private static final int IV = 12;
  private static final int TAG_BITS = 128;

  private final byte[] key;
  private final SecureRandom random = new SecureRandom();

  Sealing(TokenConfig config) {
    this.key = key(config.keyEncryptionSecret());
  }

  byte[] seal(byte[] plain) {
    return seal(key, plain);
  }

  byte[] open(byte[] sealed) {
    try {
      return open(key, sealed);
    } catch (GeneralSecurityException unreadable) {
      throw new IllegalStateException(
          "a stored secret cannot be decrypted: is naap.auth.key-encryption-secret the one it was"
              + " stored with?",
          unreadable);
    }
  }

  /** Encrypts under another key of 32 bytes. */
  public byte[] seal(byte[] key, byte[] plain) {
    try {
      byte[] iv = new byte[IV];
      random.nextBytes(iv);
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, key, iv).doFinal(plain);
      byte[] all = Arrays.copyOf(iv, IV + sealed.length);
      System.arraycopy(sealed, 0, all, IV, sealed.length);
      return all;
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }

  /**
   * Decrypts what was encrypted under another key.
   *
   * @throws GeneralSecurityException when it was not, or was changed since
   */
  public byte[] open(byte[] key, byte[] sealed) throws GeneralSecurityException {
    return cipher(Cipher.DECRYPT_MODE, key, Arrays.copyOf(sealed, IV))
        .doFinal(sealed, IV, sealed.length - IV);
  }

  private static Cipher cipher(int mode, byte[] key, byte[] iv) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, iv));
    return cipher;
  }

  private static byte[] key(Secret configured) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(configured.reveal().strip());
    } catch (IllegalArgumentException notBase64) {
      // The cause would quote the secret.
      bytes = new byte[0];
    }
    if (bytes.length != KEY_BYTES) {
      throw new IllegalStateException(
          "naap.auth.key-encryption-secret must be 32 random bytes in base 64");
    }
    return bytes;
  }
}
