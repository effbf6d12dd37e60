package io.naap.auth.token;

import io.naap.contracts.secret.SealingKey;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;

/** Encrypts what is secret before it is stored, under the configured key or another. */
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

  /** Encrypts under another key of 32 bytes. */
  public byte[] seal(byte[] other, byte[] plain) {
    return SealingKey.of(other, random).seal(plain, NOWHERE);
  }

  /**
   * Decrypts what was encrypted under another key.
   *
   * @throws GeneralSecurityException when it was not, or was changed since
   */
  public byte[] open(byte[] other, byte[] sealed) throws GeneralSecurityException {
    return SealingKey.of(other, random).open(sealed, NOWHERE);
  }
}
