package io.naap.contracts.secret;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts what is secret before it is stored: AES-256-GCM, a fresh IV of 12 bytes before each
 * text, its tag of 16 bytes behind it (NIST SP 800-38D).
 */
public final class SealingKey {
  private static final int KEY_BYTES = 32;
  private static final int IV = 12;
  private static final int TAG_BITS = 128;

  private final byte[] key;
  private final SecureRandom random;

  private SealingKey(byte[] key, SecureRandom random) {
    this.key = key;
    this.random = random;
  }

  /**
   * A key of 32 bytes.
   *
   * @throws IllegalArgumentException when it has not as many
   */
  public static SealingKey of(byte[] key, SecureRandom random) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException("a sealing key has 32 bytes");
    }
    return new SealingKey(key.clone(), random);
  }

  /**
   * A key from the configuration.
   *
   * @param property named when it is not 32 bytes in base 64
   * @throws IllegalStateException then, without quoting it
   */
  public static SealingKey of(Secret configured, String property, SecureRandom random) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(configured.reveal().strip());
    } catch (IllegalArgumentException notBase64) {
      // The cause would quote the secret.
      bytes = new byte[0];
    }
    if (bytes.length != KEY_BYTES) {
      throw new IllegalStateException(property + " must be 32 random bytes in base 64");
    }
    return new SealingKey(bytes, random);
  }

  /**
   * Encrypts.
   *
   * @param context what it belongs to: only with the same can it be opened; may be empty
   */
  public byte[] seal(byte[] plain, byte[] context) {
    try {
      byte[] iv = new byte[IV];
      random.nextBytes(iv);
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, iv, context).doFinal(plain);
      byte[] all = Arrays.copyOf(iv, IV + sealed.length);
      System.arraycopy(sealed, 0, all, IV, sealed.length);
      return all;
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }

  /**
   * Decrypts.
   *
   * @throws GeneralSecurityException when it was sealed with another key or context, or was changed
   */
  public byte[] open(byte[] sealed, byte[] context) throws GeneralSecurityException {
    if (sealed.length < IV) {
      throw new GeneralSecurityException("too short to have been sealed");
    }
    return cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(sealed, IV), context)
        .doFinal(sealed, IV, sealed.length - IV);
  }

  private Cipher cipher(int mode, byte[] iv, byte[] context) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, iv));
    cipher.updateAAD(context);
    return cipher;
  }
}
