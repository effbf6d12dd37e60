package io.naap.auth.tenant;

import io.naap.auth.AuthConfig;
import io.naap.auth.outbox.Outbox;
import io.naap.auth.store.Transactions;
import io.naap.auth.store.Tx;
import io.naap.contracts.events.TenantChanged;
import io.naap.contracts.events.Topics;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Users, tenants and memberships in Postgres. */
@ApplicationScoped
public class Tenants {
  private static final String COLUMNS =
      "select t.id, t.name, t.status, t.created_at from tenants t ";

  private final Transactions transactions;
  private final Outbox outbox;
  private final Ids ids;
  private final Clock clock;
  private final Set<String> operators;

  Tenants(Transactions transactions, Outbox outbox, Ids ids, Clock clock, AuthConfig config) {
    this.transactions = transactions;
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
    this.operators =
        config.operatorWallets().orElse(Set.of()).stream()
            .map(wallet -> wallet.strip().toLowerCase(Locale.ROOT))
            .collect(Collectors.toSet());
  }

  /**
   * The user of a wallet and the tenant they last acted for; made the first time. Two first
   * sign-ins at once make one user: the wallet's advisory lock lets one go first.
   */
  public Member memberOf(Tx tx, String wallet) {
    tx.query("select pg_advisory_xact_lock(hashtextextended($1, 1))", wallet);
    Optional<Row> known =
        tx.one(
            """
            select w.user_id, m.tenant_id from wallets w
            join memberships m on m.user_id = w.user_id
            join tenants t on t.id = m.tenant_id and t.status = 'active'
            where w.address = $1 order by m.tenant_id limit 1""",
            wallet);
    if (known.isPresent()) {
      Row row = known.get();
      return member(tx, row.getString("user_id"), row.getString("tenant_id"), wallet).orElseThrow();
    }
    return create(tx, wallet);
  }

  private Member create(Tx tx, String wallet) {
    var now = clock.instant().atOffset(ZoneOffset.UTC);
    String userId = ids.next(IdKind.USER);
    String tenantId = ids.next(IdKind.TENANT);
    // A contract wallet's account names its chain before the address.
    String address = wallet.substring(wallet.lastIndexOf(':') + 1);
    String name = "Personal " + address.substring(0, 8);
    tx.change("insert into users (id, created_at) values ($1, $2)", userId, now);
    tx.change(
        "insert into wallets (address, user_id, created_at) values ($1, $2, $3)",
        wallet,
        userId,
        now);
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
        new TenantChanged(ids.next(IdKind.EVENT), now.toInstant(), tenantId, name, "active");
    outbox.add(tx, List.of(new Outbox.Event(Topics.TENANTS, event.eventId(), Json.write(event))));
    return member(tx, userId, tenantId, wallet).orElseThrow();
  }

  /** A user as a member of an active tenant, with the roles they have now. */
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
              return new Member(userId, tenantId, wallet, roles);
            });
  }

  /** A tenant as its members see it. */
  public record TenantView(String id, String name, String status, Instant createdAt) {}

  /** A page of tenants; no cursor on the last one. */
  public record TenantPage(List<TenantView> data, String nextCursor) {
    public TenantPage {
      data = List.copyOf(data);
    }
  }

  /** Tenants the caller belongs to; every tenant for those who run the platform. */
  TenantPage list(Caller caller, String after, int limit) {
    List<TenantView> found =
        transactions
            .run(
                tx ->
                    caller.readsAllTenants()
                        ? tx.query(
                            COLUMNS + "where t.id > $1 order by t.id limit $2", after, limit + 1)
                        : tx.query(
                            COLUMNS
                                + "join memberships m on m.tenant_id = t.id"
                                + " where m.user_id = $3 and t.id > $1 order by t.id limit $2",
                            after,
                            limit + 1,
                            caller.subject()))
            .stream()
            .map(Tenants::view)
            .toList();
    return found.size() <= limit
        ? new TenantPage(found, null)
        : new TenantPage(found.subList(0, limit), found.get(limit - 1).id());
  }

  /** One tenant, if the caller may see it. */
  Optional<TenantView> find(Caller caller, String id) {
    if (!IdKind.TENANT.matches(id)) {
      return Optional.empty();
    }
    return transactions
        .run(
            tx ->
                caller.readsAllTenants()
                    ? tx.one(COLUMNS + "where t.id = $1", id)
                    : tx.one(
                        COLUMNS
                            + "join memberships m on m.tenant_id = t.id"
                            + " where t.id = $1 and m.user_id = $2",
                        id,
                        caller.subject()))
        .map(Tenants::view);
  }

  private static TenantView view(Row row) {
    return new TenantView(
        row.getString("id"),
        row.getString("name"),
        row.getString("status"),
        row.getOffsetDateTime("created_at").toInstant());
  }
}
