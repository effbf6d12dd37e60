package io.naap.auth.tenant;

import io.naap.auth.audit.Action;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.contracts.events.TenantChanged;
import io.naap.contracts.events.Topic;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds the user and tenants of a wallet, and creates them. The SQL is written by hand, because it
 * is a part of the one transaction of a sign-in or refresh.
 */
@ApplicationScoped
public class Memberships {
  private final Outbox outbox;
  private final Audit audit;
  private final Ids ids;
  private final Clock clock;
  private final AuthConfig config;
  private final Set<String> operators;
  private final Set<String> supporters;

  Memberships(Outbox outbox, Audit audit, Ids ids, Clock clock, AuthConfig config) {
    this.outbox = outbox;
    this.audit = audit;
    this.ids = ids;
    this.clock = clock;
    this.config = config;
    this.operators = lowerCase(config.operatorWallets());
    this.supporters = lowerCase(config.supportWallets());
  }

  private static Set<String> lowerCase(Optional<Set<String>> wallets) {
    return wallets.orElse(Set.of()).stream()
        .map(wallet -> wallet.strip().toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }

  /**
   * Finds the user of an account and the tenant they last acted for; creates both on the first
   * sign-in. Empty when all tenants of the user are suspended. An advisory lock on the account
   * serializes concurrent first sign-ins, so only one user is created.
   */
  public Optional<Member> memberOf(Tx tx, String account, Origin origin) {
    tx.query("select pg_advisory_xact_lock(hashtextextended($1, 1))", account);
    Optional<String> user =
        tx.one("select user_id from wallets where address = $1", account)
            .map(row -> row.getString("user_id"));
    if (user.isEmpty()) {
      return Optional.of(newUser(tx, account, origin));
    }
    List<Row> tenants =
        tx.query(
            """
            select t.id, t.status from memberships m join tenants t on t.id = m.tenant_id
            join users u on u.id = m.user_id
            where m.user_id = $1
            order by t.status, t.id = u.last_tenant_id desc nulls last, t.id limit 1""",
            user.get());
    if (tenants.isEmpty()) {
      String tenantId = create(tx, user.get(), personal(account), origin);
      return member(tx, user.get(), tenantId, account);
    }
    return member(tx, user.get(), tenants.getFirst().getString("id"), account);
  }

  private Member newUser(Tx tx, String account, Origin origin) {
    var now = clock.instant().atOffset(ZoneOffset.UTC);
    String userId = ids.next(IdKind.USER);
    tx.change("insert into users (id, created_at) values ($1, $2)", userId, now);
    tx.change(
        "insert into wallets (address, user_id, created_at) values ($1, $2, $3)",
        account,
        userId,
        now);
    String tenantId = create(tx, userId, personal(account), origin);
    return member(tx, userId, tenantId, account).orElseThrow();
  }

  private static String personal(String account) {
    String address = account.substring(account.lastIndexOf(':') + 1);
    return "Personal " + address.substring(0, 8);
  }

  /** Creates a tenant that the user owns; empty when the user owns as many as allowed. */
  Optional<Tenants.TenantView> createOwned(Tx tx, String userId, String name, Origin origin) {
    tx.query("select pg_advisory_xact_lock(hashtextextended($1, 2))", userId);
    long owned =
        tx.one(
                "select count(*) as owned from memberships where user_id = $1 and role = 'owner'",
                userId)
            .orElseThrow()
            .getLong("owned");
    if (owned >= config.tenantsPerUser()) {
      return Optional.empty();
    }
    String id = create(tx, userId, name, origin);
    return tx.one("select name, status, created_at from tenants where id = $1", id)
        .map(
            row ->
                new Tenants.TenantView(
                    id,
                    row.getString("name"),
                    row.getString("status"),
                    row.getOffsetDateTime("created_at").toInstant()));
  }

  private String create(Tx tx, String userId, String name, Origin origin) {
    var now = clock.instant().atOffset(ZoneOffset.UTC);
    String tenantId = ids.next(IdKind.TENANT);
    tx.change(
        "insert into tenants (id, name, status, created_at) values ($1, $2, 'active', $3)",
        tenantId,
        name,
        now);
    tx.change(
        "insert into memberships (tenant_id, user_id, role, created_at) values ($1, $2, 'owner', $3)",
        tenantId,
        userId,
        now);
    TenantChanged event =
        new TenantChanged(ids.next(IdKind.EVENT), clock.instant(), tenantId, name, "active");
    outbox.add(tx, Topic.TENANTS, List.of(Json.write(event)));
    audit.record(
        tx, new Action(userId, tenantId, "tenant.created", tenantId, Map.of("name", name), origin));
    return tenantId;
  }

  /**
   * A user as a member of an active tenant with their current roles; empty when they are no member
   * or the tenant is suspended.
   */
  public Optional<Member> member(Tx tx, String userId, String tenantId, String wallet) {
    return tx.one(
            """
            select m.role from memberships m join tenants t on t.id = m.tenant_id
            where m.user_id = $1 and m.tenant_id = $2 and t.status = 'active'""",
            userId,
            tenantId)
        .map(
            row -> {
              EnumSet<Role> roles = EnumSet.of(Role.find(row.getString("role")).orElseThrow());
              if (operators.contains(wallet.toLowerCase(Locale.ROOT))) {
                roles.add(Role.OPERATOR);
              }
              if (supporters.contains(wallet.toLowerCase(Locale.ROOT))) {
                roles.add(Role.SUPPORT);
              }
              return new Member(userId, tenantId, wallet, roles);
            });
  }

  /** Publishes the events of a transaction that may have created a tenant; call it afterwards. */
  public void committed() {
    outbox.poke();
  }
}
