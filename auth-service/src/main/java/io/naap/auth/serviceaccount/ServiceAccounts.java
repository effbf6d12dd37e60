package io.naap.auth.serviceaccount;

import io.naap.auth.accesstoken.AccessTokens;
import io.naap.auth.audit.Action;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.auth.secret.Opaque;
import io.naap.auth.tenant.AuthConfig;
import io.naap.auth.trust.Refusals;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.Subject;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stores service accounts in Postgres. Secrets are stored as SHA-256, which is enough because they
 * have 256 random bits.
 */
@ApplicationScoped
public class ServiceAccounts {
  private static final byte[] NO_HASH = new byte[32];

  private final Transactions transactions;
  private final AccessTokens accessTokens;
  private final Refusals refusals;
  private final Audit audit;
  private final Ids ids;
  private final Clock clock;
  private final AuthConfig config;
  private final SecureRandom random = new SecureRandom();

  ServiceAccounts(
      Transactions transactions,
      AccessTokens accessTokens,
      Refusals refusals,
      Audit audit,
      Ids ids,
      Clock clock,
      AuthConfig config) {
    this.transactions = transactions;
    this.accessTokens = accessTokens;
    this.refusals = refusals;
    this.audit = audit;
    this.ids = ids;
    this.clock = clock;
    this.config = config;
  }

  /** A service account as its tenant sees it. */
  public record AccountView(
      String id, String name, String role, String createdBy, Instant createdAt) {}

  /** A new service account with its secret, which only this response contains. */
  public record NewSecret(String clientId, String clientSecret, String name, String role) {
    @Override
    public String toString() {
      return "NewSecret[" + clientId + "]";
    }
  }

  /** Creates an account; empty when the tenant has reached the limit. */
  Optional<NewSecret> create(
      Tx tx, String actorId, String tenantId, String name, Role role, Origin origin) {
    String secret = Opaque.random(random);
    tx.one("select 1 from tenants where id = $1 for update", tenantId);
    long accounts =
        tx.one("select count(*) as accounts from service_accounts where tenant_id = $1", tenantId)
            .orElseThrow()
            .getLong("accounts");
    if (accounts >= config.serviceAccountsPerTenant()) {
      return Optional.empty();
    }
    String id = ids.next(IdKind.SERVICE_ACCOUNT);
    tx.change(
        """
              insert into service_accounts
                (id, tenant_id, name, role, secret_hash, created_by, created_at)
              values ($1, $2, $3, $4, $5, $6, $7)""",
        id,
        tenantId,
        name,
        role.wireName(),
        Opaque.hash(secret),
        actorId,
        clock.instant().atOffset(ZoneOffset.UTC));
    audit.record(tx, new Action(actorId,
        tenantId,
        "service_account.created",
        id,
        Map.of("name", name, "role", role.wireName()),
        origin));
    return Optional.of(new NewSecret(id, secret, name, role.wireName()));
  }

  /** A page of a tenant's accounts, newest first, after the cursor. */
  List<AccountView> list(String tenantId, Optional<String> before, int limit) {
    return transactions
        .run(
            tx ->
                tx.query(
                    """
                    select id, name, role, created_by, created_at from service_accounts
                    where tenant_id = $1 and id < $2 order by id desc limit $3""",
                    tenantId,
                    before.orElse("~"),
                    limit))
        .stream()
        .map(
            row ->
                new AccountView(
                    row.getString("id"),
                    row.getString("name"),
                    row.getString("role"),
                    row.getString("created_by"),
                    row.getOffsetDateTime("created_at").toInstant()))
        .toList();
  }

  /** The result of a removal. */
  sealed interface Removed {
    record Done() implements Removed {}

    /** The tenant has no such account. */
    record NoneSuch() implements Removed {}

    /**
     * The account has the admin role or was created by an owner, so only an owner may remove it.
     */
    record OwnersOnly() implements Removed {}
  }

  /**
   * Deletes an account and refuses all its tokens.
   *
   * @param isOwner whether the actor is an owner of the tenant
   */
  Removed remove(String actorId, boolean isOwner, String tenantId, String id, Origin origin) {
    return transactions.run(
        tx -> {
          Optional<Row> found =
              tx.one(
                  """
                  select a.role, exists (select 1 from memberships m where m.tenant_id = a.tenant_id
                    and m.user_id = a.created_by and m.role = 'owner') as owners
                  from service_accounts a where a.id = $1 and a.tenant_id = $2 for update of a""",
                  id,
                  tenantId);
          if (found.isEmpty()) {
            return new Removed.NoneSuch();
          }
          boolean owners =
              found.get().getBoolean("owners")
                  || found.get().getString("role").equals(Role.ADMIN_NAME);
          if (owners && !isOwner) {
            return new Removed.OwnersOnly();
          }
          tx.change("delete from service_accounts where id = $1", id);
          refusals.refuseAll(tx, Subject.person(id));
          audit.record(tx, new Action(actorId, tenantId, "service_account.deleted", id, Map.of(), origin));
          return new Removed.Done();
        });
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
