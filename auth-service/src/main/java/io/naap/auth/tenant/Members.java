package io.naap.auth.tenant;

import io.naap.auth.audit.Action;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.auth.trust.Refusals;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.Subject;
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
 * Stores the members of tenants. Changes lock the row of the tenant, so they run one after the
 * other and check the roles that are stored at that moment. Tokens with the old role are refused at
 * once.
 */
@ApplicationScoped
public class Members {
  private final Transactions transactions;
  private final Refusals refusals;
  private final Audit audit;
  private final Clock clock;

  Members(Transactions transactions, Refusals refusals, Audit audit, Clock clock) {
    this.transactions = transactions;
    this.refusals = refusals;
    this.audit = audit;
    this.clock = clock;
  }

  /** A member as other members of the tenant see them. */
  public record MemberView(String userId, String role, List<String> wallets, Instant since) {
    public MemberView {
      wallets = List.copyOf(wallets);
    }
  }

  /** A page of members, ordered by user id, after the cursor. */
  List<MemberView> list(String tenantId, String after, int limit) {
    return transactions
        .run(
            tx ->
                tx.query(
                    """
                    select m.user_id, m.role, m.created_at,
                      array(select w.address from wallets w where w.user_id = m.user_id
                        order by w.created_at) as wallets
                    from memberships m where m.tenant_id = $1 and m.user_id > $2
                    order by m.user_id limit $3""",
                    tenantId,
                    after,
                    limit))
        .stream()
        .map(
            row ->
                new MemberView(
                    row.getString("user_id"),
                    row.getString("role"),
                    List.of(row.getArrayOfStrings("wallets")),
                    row.getOffsetDateTime("created_at").toInstant()))
        .toList();
  }

  /** Changes a member's role. */
  void change(String actorId, String tenantId, String userId, Role to, Origin origin) {
    transactions.run(
        tx -> {
          Role actor = lockAndRole(tx, tenantId, actorId);
          Role from = roleOf(tx, tenantId, userId).orElseThrow(Members::noMember);
          require(actor, from, Optional.of(to), owners(tx, tenantId));
          tx.change(
              "update memberships set role = $3 where tenant_id = $1 and user_id = $2",
              tenantId,
              userId,
              to.wireName());
          refusals.refuseUntilNow(tx, Subject.member(userId, tenantId));
          audit.record(tx, new Action(actorId,
              tenantId,
              "member.role_changed",
              userId,
              Map.of("from", from.wireName(), "to", to.wireName()),
              origin));
          return null;
        });
  }

  /** Removes a member from a tenant; every member may remove themselves. */
  void remove(String actorId, String tenantId, String userId, Origin origin) {
    transactions.run(
        tx -> {
          Role actor = lockAndRole(tx, tenantId, actorId);
          Role from = roleOf(tx, tenantId, userId).orElseThrow(Members::noMember);
          boolean leaves = actorId.equals(userId);
          require(leaves ? Role.OWNER : actor, from, Optional.empty(), owners(tx, tenantId));
          tx.change(
              "delete from memberships where tenant_id = $1 and user_id = $2", tenantId, userId);
          tx.change(
              "update sessions set revoked_at = $3, revoked_because = 'no member any more'"
                  + " where tenant_id = $1 and user_id = $2 and revoked_at is null",
              tenantId,
              userId,
              clock.instant().atOffset(ZoneOffset.UTC));
          tx.change(
              "update users set last_tenant_id = null where id = $1 and last_tenant_id = $2",
              userId,
              tenantId);
          refusals.refuseUntilNow(tx, Subject.member(userId, tenantId));
          audit.record(tx, new Action(actorId,
              tenantId,
              leaves ? "member.left" : "member.removed",
              userId,
              Map.of("role", from.wireName()),
              origin));
          return null;
        });
  }

  /** Makes another member the owner and the current owner an admin. */
  void transfer(Tx tx, String ownerId, String tenantId, String toUserId, Origin origin) {
    if (lockAndRole(tx, tenantId, ownerId) != Role.OWNER) {
      throw notAllowed();
    }
    if (ownerId.equals(toUserId)) {
      throw Refusal.invalid("user_id must be another member").raise();
    }
    Role from = roleOf(tx, tenantId, toUserId).orElseThrow(Members::noMember);
    tx.change(
        """
              update memberships set role = case when user_id = $2 then 'owner' else 'admin' end
              where tenant_id = $1 and user_id in ($2, $3)""",
        tenantId,
        toUserId,
        ownerId);
    refusals.refuseUntilNow(tx, Subject.member(ownerId, tenantId));
    refusals.refuseUntilNow(tx, Subject.member(toUserId, tenantId));
    audit.record(tx, new Action(ownerId,
        tenantId,
        "tenant.ownership_transferred",
        toUserId,
        Map.of("from_role", from.wireName()),
        origin));
  }

  private static void require(Role actor, Role from, Optional<Role> to, long owners) {
    if (!MemberRules.mayChange(actor, from, to)) {
      throw notAllowed();
    }
    if (MemberRules.leavesNoOwner(from, to, owners)) {
      throw Refusal.conflict(
              "last_owner",
              "A tenant needs an owner: transfer the ownership to another member first.")
          .raise();
    }
  }

  /**
   * Locks the tenant's row until the transaction ends and returns the actor's role. Refuses service
   * accounts, which have no role in the memberships table.
   */
  static Role lockAndRole(Tx tx, String tenantId, String actorId) {
    if (tx.one("select 1 from tenants where id = $1 for update", tenantId).isEmpty()) {
      throw Refusal.notFound("tenant").raise();
    }
    return roleOf(tx, tenantId, actorId).orElseThrow(Members::notAllowed);
  }

  static Optional<Role> roleOf(Tx tx, String tenantId, String userId) {
    return tx.one(
            "select role from memberships where tenant_id = $1 and user_id = $2", tenantId, userId)
        .map(row -> Role.find(row.getString("role")).orElseThrow());
  }

  private static long owners(Tx tx, String tenantId) {
    Row row =
        tx.one(
                "select count(*) as owners from memberships where tenant_id = $1 and role = 'owner'",
                tenantId)
            .orElseThrow();
    return row.getLong("owners");
  }

  private static Refusal.RefusedException noMember() {
    return Refusal.notFound("member").raise();
  }

  static Refusal.RefusedException notAllowed() {
    return Refusal.of(
            403, "forbidden", "Your role does not allow this; ask an owner of the tenant.")
        .raise();
  }
}
