package io.naap.metering.webhook;

import io.naap.contracts.secret.Secret;
import io.naap.metering.store.Transactions;
import io.naap.metering.store.Tx;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jboss.logging.Logger;

/**
 * Encrypts webhook secrets before they are stored: AES-256-GCM, a fresh IV before each text, bound
 * to the webhook, so that one row's secret is of no use in another.
 */
@ApplicationScoped
class Sealing {
  private static final Logger LOG = Logger.getLogger(Sealing.class);
  private static final int KEY_BYTES = 32;
  private static final int IV = 12;
  private static final int TAG_BITS = 128;

  private final Transactions transactions;
  private final byte[] key;
  private final SecureRandom random = new SecureRandom();

  Sealing(Transactions transactions, WebhookConfig config) {
    this.transactions = transactions;
    this.key = key(config.keyEncryptionSecret());
  }

  /** Secrets that were stored before they were encrypted are encrypted now, and their text goes. */
  void start(@Observes StartupEvent started) {
    Thread.ofVirtual().name("sealing").start(this::sealStored);
  }

  /** Any number of replicas may do this at once, and again. */
  void sealStored() {
    int sealed = transactions.run(this::sealStored);
    if (sealed > 0) {
      LOG.infof("webhook secrets were encrypted, webhooks=%d", sealed);
    }
  }

  private int sealStored(Tx tx) {
    List<Row> plain =
        tx.query(
            "select id, secret, old_secret from webhook where secret is not null order by id"
                + " for update");
    for (Row row : plain) {
      String id = row.getString("id");
      String old = row.getString("old_secret");
      tx.change(
          "update webhook set sealed = $2, old_sealed = $3, secret = null, old_secret = null"
              + " where id = $1",
          id,
          seal(id, Secret.of(row.getString("secret"))),
          old == null ? null : seal(id, Secret.of(old)));
    }
    return plain.size();
  }

  /** Encrypts a webhook's secret. */
  Buffer seal(String webhookId, Secret secret) {
    try {
      byte[] iv = new byte[IV];
      random.nextBytes(iv);
      byte[] sealed =
          cipher(Cipher.ENCRYPT_MODE, iv, webhookId)
              .doFinal(secret.reveal().getBytes(StandardCharsets.UTF_8));
      byte[] all = Arrays.copyOf(iv, IV + sealed.length);
      System.arraycopy(sealed, 0, all, IV, sealed.length);
      return Buffer.buffer(all);
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }

  /** Decrypts what was encrypted for the same webhook. */
  Secret open(String webhookId, io.vertx.mutiny.core.buffer.Buffer sealed) {
    byte[] all = sealed.getBytes();
    try {
      byte[] plain =
          cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(all, IV), webhookId)
              .doFinal(all, IV, all.length - IV);
      return Secret.of(new String(plain, StandardCharsets.UTF_8));
    } catch (GeneralSecurityException unreadable) {
      throw new IllegalStateException(
          "a stored webhook secret cannot be decrypted: is naap.metering.webhook.key-encryption-secret"
              + " the one it was stored with?",
          unreadable);
    }
  }

  private Cipher cipher(int mode, byte[] iv, String webhookId) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, iv));
    cipher.updateAAD(webhookId.getBytes(StandardCharsets.UTF_8));
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
          "naap.metering.webhook.key-encryption-secret must be 32 random bytes in base 64");
    }
    return bytes;
  }
}
