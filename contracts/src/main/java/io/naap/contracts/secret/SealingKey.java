package io.naap.contracts.secret;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts secrets before they are stored, with AES-256-GCM. The output is a random IV of 12 bytes,
 * the ciphertext and a tag of 16 bytes (NIST SP 800-38D).
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
   * Creates a sealing key from 32 bytes.
   *
   * @throws IllegalArgumentException when the length is not 32 bytes
   */
  public static SealingKey of(byte[] key, SecureRandom random) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException("a sealing key has 32 bytes");
    }
    return new SealingKey(key.clone(), random);
  }

  /**
   * Creates a sealing key from a configured secret.
   *
   * @param property the property's name, for the error message
   * @throws IllegalStateException when the secret is not 32 bytes in base 64; the message does not
   *     contain it
   */
  public static SealingKey of(Secret configured, String property, SecureRandom random) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(configured.reveal().strip());
    } catch (IllegalArgumentException notBase64) {
      // The exception is dropped, because its message contains the secret.
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
   * @param context authenticated with the text; {@link #open} needs the same. May be empty
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
   * @throws GeneralSecurityException when the key or context is another one, or the text was
   *     changed
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
