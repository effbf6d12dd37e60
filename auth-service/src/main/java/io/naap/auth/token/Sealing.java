package io.naap.auth.token;

import io.naap.contracts.secret.SealingKey;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;

/** Encrypts secrets before they are stored, with the configured key or with a given one. */
@ApplicationScoped
public class Sealing {
  private static final byte[] NOWHERE = {};

  private final SecureRandom random = new SecureRandom();
  private final SealingKey key;

  Sealing(TokenConfig config) {
    this.key =
        SealingKey.of(config.keyEncryptionSecret(), "naap.auth.key-encryption-secret", random);
  }

  byte[] seal(byte[] plain) {
    return key.seal(plain, NOWHERE);
  }

  byte[] open(byte[] sealed) {
    try {
      return key.open(sealed, NOWHERE);
    } catch (GeneralSecurityException unreadable) {
      throw new IllegalStateException(
          "a stored secret cannot be decrypted: is naap.auth.key-encryption-secret the one it was"
              + " stored with?",
          unreadable);
    }
  }

  /** Encrypts with a given key of 32 bytes. */
  public byte[] seal(byte[] other, byte[] plain) {
    return SealingKey.of(other, random).seal(plain, NOWHERE);
  }

  /**
   * Decrypts with a given key.
   *
   * @throws GeneralSecurityException when the text was encrypted with another key or was changed
   */
  public byte[] open(byte[] other, byte[] sealed) throws GeneralSecurityException {
    return SealingKey.of(other, random).open(sealed, NOWHERE);
  }
}
