package io.naap.auth.tenant;

import io.naap.auth.audit.Action;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.problem.Refusal;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stores invitations of wallets into tenants. A wallet has at most one open invitation per tenant;
 * invitations expire.
 */
@ApplicationScoped
public class Invitations {
  private static final String COLUMNS =
      """
      select i.id, i.tenant_id, t.name, i.wallet, i.role, i.invited_by, i.created_at, i.expires_at
      from invitations i join tenants t on t.id = i.tenant_id
      where i.outcome is null and i.expires_at > $1\
      """;

  private final Transactions transactions;
  private final Audit audit;
  private final Ids ids;
  private final Clock clock;
  private final AuthConfig config;

  Invitations(Transactions transactions, Audit audit, Ids ids, Clock clock, AuthConfig config) {
    this.transactions = transactions;
    this.audit = audit;
    this.ids = ids;
    this.clock = clock;
    this.config = config;
  }

  /** An open invitation. */
  public record InvitationView(
      String id,
      String tenantId,
      String tenantName,
      String wallet,
      String role,
      String invitedBy,
      Instant createdAt,
      Instant expiresAt) {}

  /**
   * Invites a wallet.
   *
   * @param wallet an EIP-55 address, or {@code eip155:<chain>:<address>} for a contract wallet
   */
  InvitationView invite(
      Tx tx, String actorId, String tenantId, String wallet, Role role, Origin origin) {
    Role actor = Members.lockAndRole(tx, tenantId, actorId);
    if (!MemberRules.mayGrant(actor, role)) {
      throw Members.notAllowed();
    }
    Instant now = clock.instant();
    tx.change(
        "update invitations set outcome = 'withdrawn' where tenant_id = $1 and wallet = $2"
            + " and outcome is null and expires_at <= $3",
        tenantId,
        wallet,
        now.atOffset(ZoneOffset.UTC));
    requireRoom(tx, tenantId, wallet, now);
    String id = ids.next(IdKind.INVITATION);
    tx.change(
        """
              insert into invitations
                (id, tenant_id, wallet, role, invited_by, created_at, expires_at)
              values ($1, $2, $3, $4, $5, $6, $7)""",
        id,
        tenantId,
        wallet,
        role.wireName(),
        actorId,
        now.atOffset(ZoneOffset.UTC),
        now.plus(config.invitationTtl()).atOffset(ZoneOffset.UTC));
    audit.record(tx, new Action(actorId,
        tenantId,
        "invitation.made",
        id,
        Map.of("wallet", wallet, "role", role.wireName()),
        origin));
    return view(tx.one(COLUMNS + " and i.id = $2", now.atOffset(ZoneOffset.UTC), id).orElseThrow());
  }

  private void requireRoom(Tx tx, String tenantId, String wallet, Instant now) {
    Row counts =
        tx.one(
                """
                select (select count(*) from memberships where tenant_id = $1)
                  + (select count(*) from invitations where tenant_id = $1 and outcome is null
                     and expires_at > $3) as people,
                  exists (select 1 from memberships m join wallets w on w.user_id = m.user_id
                    where m.tenant_id = $1 and w.address = $2) as member,
                  exists (select 1 from invitations where tenant_id = $1 and wallet = $2
                    and outcome is null) as invited""",
                tenantId,
                wallet,
                now.atOffset(ZoneOffset.UTC))
            .orElseThrow();
    if (counts.getBoolean("member")) {
      throw Refusal.conflict("already_member", "This wallet belongs to the tenant already.")
          .raise();
    }
    if (counts.getBoolean("invited")) {
      throw Refusal.conflict(
              "already_invited", "This wallet has an open invitation; withdraw it first.")
          .raise();
    }
    if (counts.getLong("people") >= config.membersPerTenant()) {
      throw Refusal.conflict(
              "too_many_members",
              "A tenant may have " + config.membersPerTenant() + " members and open invitations.")
          .raise();
    }
  }

  /** A page of a tenant's open invitations, newest first, after the cursor. */
  List<InvitationView> ofTenant(String tenantId, Optional<String> before, int limit) {
    return list("i.tenant_id", tenantId, before, limit);
  }

  /** A page of a wallet's open invitations, newest first, after the cursor. */
  List<InvitationView> ofWallet(String wallet, Optional<String> before, int limit) {
    return list("i.wallet", wallet, before, limit);
  }

  private List<InvitationView> list(
      String column, String value, Optional<String> before, int limit) {
    return transactions
        .run(
            tx ->
                tx.query(
                    COLUMNS + " and " + column + " = $2 and i.id < $3 order by i.id desc limit $4",
                    clock.instant().atOffset(ZoneOffset.UTC),
                    value,
                    before.orElse("~"),
                    limit))
        .stream()
        .map(Invitations::view)
        .toList();
  }

  /** Withdraws an invitation. */
  void withdraw(String actorId, String tenantId, String id, Origin origin) {
    transactions.run(
        tx -> {
          Role actor = Members.lockAndRole(tx, tenantId, actorId);
          Row open =
              open(tx, id)
                  .filter(row -> row.getString("tenant_id").equals(tenantId))
                  .orElseThrow(Invitations::none);
          if (!MemberRules.mayGrant(actor, Role.find(open.getString("role")).orElseThrow())) {
            throw Members.notAllowed();
          }
          finish(tx, id, "withdrawn");
          audit.record(tx, new Action(actorId, tenantId, "invitation.withdrawn", id, Map.of(), origin));
          return null;
        });
  }

  /**
   * Accepts or declines an invitation of the caller's wallet.
   *
   * @return the tenant of the invitation
   */
  String answer(String userId, String wallet, String id, boolean accept, Origin origin) {
    return transactions.run(
        tx -> {
          Row open =
              open(tx, id)
                  .filter(row -> row.getString("wallet").equals(wallet))
                  .orElseThrow(Invitations::none);
          String tenantId = open.getString("tenant_id");
          finish(tx, id, accept ? "accepted" : "declined");
          if (accept) {
            tx.change(
                """
                insert into memberships (tenant_id, user_id, role, created_at)
                values ($1, $2, $3, $4) on conflict do nothing""",
                tenantId,
                userId,
                open.getString("role"),
                clock.instant().atOffset(ZoneOffset.UTC));
          }
          audit.record(tx, new Action(userId,
              tenantId,
              accept ? "invitation.accepted" : "invitation.declined",
              id,
              Map.of("role", open.getString("role")),
              origin));
          return tenantId;
        });
  }

  private Optional<Row> open(Tx tx, String id) {
    return IdKind.INVITATION.matches(id)
        ? tx.one(
            "select tenant_id, wallet, role from invitations where id = $1 and outcome is null"
                + " and expires_at > $2 for update",
            id,
            clock.instant().atOffset(ZoneOffset.UTC))
        : Optional.empty();
  }

  private static void finish(Tx tx, String id, String outcome) {
    tx.change("update invitations set outcome = $2 where id = $1", id, outcome);
  }

  private static Refusal.RefusedException none() {
    return Refusal.notFound("open invitation").raise();
  }

  private static InvitationView view(Row row) {
    return new InvitationView(
        row.getString("id"),
        row.getString("tenant_id"),
        row.getString("name"),
        row.getString("wallet"),
        row.getString("role"),
        row.getString("invited_by"),
        row.getOffsetDateTime("created_at").toInstant(),
        row.getOffsetDateTime("expires_at").toInstant());
  }
}
