package io.naap.metering.webhook;

import io.naap.contracts.secret.SealingKey;
import io.naap.contracts.secret.Secret;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Encrypts webhook secrets before they are stored in Postgres. The webhook's id is authenticated
 * with the secret, so that one webhook's encrypted secret cannot be used for another.
 */
@ApplicationScoped
class Sealing {
  private static final Logger LOG = Logger.getLogger(Sealing.class);
  private static final String PROPERTY = "naap.metering.webhook.key-encryption-secret";

  private final Transactions transactions;
  private final SealingKey key;

  Sealing(Transactions transactions, WebhookConfig config) {
    this.transactions = transactions;
    this.key = SealingKey.of(config.keyEncryptionSecret(), PROPERTY, new SecureRandom());
  }

  /** Encrypts secrets that an older version stored in plain text, and deletes the plain text. */
  void start(@Observes StartupEvent started) {
    Thread.ofVirtual().name("sealing").start(this::sealStored);
  }

  /** Idempotent, and safe to run in several replicas at once. */
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
    return Buffer.buffer(
        key.seal(secret.reveal().getBytes(StandardCharsets.UTF_8), context(webhookId)));
  }

  /** Decrypts a secret that was encrypted for the same webhook. */
  Secret open(String webhookId, io.vertx.mutiny.core.buffer.Buffer sealed) {
    try {
      return Secret.of(
          new String(key.open(sealed.getBytes(), context(webhookId)), StandardCharsets.UTF_8));
    } catch (GeneralSecurityException unreadable) {
      throw new IllegalStateException(
          "a stored webhook secret cannot be decrypted: is "
              + PROPERTY
              + " the one it was stored with?",
          unreadable);
    }
  }

  private static byte[] context(String webhookId) {
    return webhookId.getBytes(StandardCharsets.UTF_8);
  }
}
