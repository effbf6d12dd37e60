package io.naap.auth.serviceaccount;

import io.naap.auth.accesstoken.AccessTokens;
import io.naap.auth.secret.Opaque;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.store.Transactions;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Optional;

/**
 * Checks the secrets of service accounts. Secrets are stored as SHA-256, which is enough because
 * they have 256 random bits. The SQL is written by hand, because it is a sign-in.
 */
@ApplicationScoped
public class ServiceAccountLogin {
  private static final byte[] NO_HASH = new byte[32];

  private final Transactions transactions;
  private final AccessTokens accessTokens;
  private final Clock clock;

  ServiceAccountLogin(Transactions transactions, AccessTokens accessTokens, Clock clock) {
    this.transactions = transactions;
    this.accessTokens = accessTokens;
    this.clock = clock;
  }

  /** Issues an access token to an account; empty when the secret is wrong. */
  public Optional<String> token(String id, String secret) {
    return authenticate(id, secret)
        .map(
            account ->
                accessTokens.account(id, account.tenantId(), account.role(), clock.instant()));
  }

  /** An account that has proved its secret. */
  public record Known(String id, String tenantId, Role role) {}

  /** Checks an account's secret. The same work is done when the account does not exist. */
  public Optional<Known> authenticate(String id, String secret) {
    if (!IdKind.SERVICE_ACCOUNT.matches(id)) {
      return Optional.empty();
    }
    Optional<Row> found =
        transactions.run(
            tx ->
                tx.one(
                    """
                    select a.tenant_id, a.role, a.secret_hash from service_accounts a
                    join tenants t on t.id = a.tenant_id and t.status = 'active' where a.id = $1""",
                    id));
    byte[] expected = found.map(row -> row.getBuffer("secret_hash").getBytes()).orElse(NO_HASH);
    boolean matches = MessageDigest.isEqual(Opaque.hash(secret).getBytes(), expected);
    return found
        .filter(row -> matches)
        .map(
            row ->
                new Known(
                    id,
                    row.getString("tenant_id"),
                    Role.find(row.getString("role")).orElseThrow()));
  }
}
