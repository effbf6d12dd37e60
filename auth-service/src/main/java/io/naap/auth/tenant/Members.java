package io.naap.auth.tenant;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import io.naap.auth.audit.Action;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.auth.trust.Refusals;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.Subject;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Stores the members of tenants. Changes lock the row of the tenant, so they run one after the
 * other and check the roles that are stored at that moment. Tokens with the old role are refused at
 * once. Methods run in the caller's session or transaction.
 */
@ApplicationScoped
public class Members implements PanacheRepositoryBase<StoredMembership, StoredMembership.Key> {
  private final Refusals refusals;
  private final Audit audit;
  private final Clock clock;

  Members(Refusals refusals, Audit audit, Clock clock) {
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
  Uni<List<MemberView>> list(String tenantId, String after, int limit) {
    return find("tenantId = ?1 and userId > ?2 order by userId", tenantId, after)
        .range(0, limit - 1)
        .list()
        .flatMap(
            rows ->
                StoredWallet.<StoredWallet>list(
                        "userId in ?1 order by createdAt",
                        rows.stream().map(row -> row.userId).toList())
                    .map(wallets -> views(rows, wallets)));
  }

  private static List<MemberView> views(List<StoredMembership> rows, List<StoredWallet> wallets) {
    Map<String, List<String>> byUser =
        wallets.stream()
            .collect(
                groupingBy(wallet -> wallet.userId, mapping(wallet -> wallet.address, toList())));
    return rows.stream()
        .map(
            row ->
                new MemberView(
                    row.userId,
                    row.role,
                    byUser.getOrDefault(row.userId, List.of()),
                    row.createdAt))
        .toList();
  }

  /** Changes a member's role. */
  Uni<MemberChange> change(String actorId, String tenantId, String userId, Role to, Origin origin) {
    return lockedRole(tenantId, actorId)
        .flatMap(actor -> judged(actor, tenantId, userId, Optional.of(to)))
        .flatMap(
            judged ->
                judged.then(
                    member -> {
                      String from = member.role;
                      member.role = to.wireName();
                      return refusals
                          .refuseUntilNow(Subject.member(userId, tenantId))
                          .chain(
                              () ->
                                  audit.record(
                                      new Action(
                                          actorId,
                                          tenantId,
                                          "member.role_changed",
                                          userId,
                                          Map.of("from", from, "to", to.wireName()),
                                          origin)));
                    }));
  }

  /** Removes a member from a tenant; every member may remove themselves. */
  Uni<MemberChange> remove(String actorId, String tenantId, String userId, Origin origin) {
    boolean leaves = actorId.equals(userId);
    return lockedRole(tenantId, actorId)
        .map(actor -> leaves ? actor.map(any -> Role.OWNER) : actor)
        .flatMap(actor -> judged(actor, tenantId, userId, Optional.empty()))
        .flatMap(
            judged ->
                judged.then(
                    member ->
                        delete(member)
                            .chain(() -> endSessions(tenantId, userId))
                            .chain(() -> refusals.refuseUntilNow(Subject.member(userId, tenantId)))
                            .chain(
                                () ->
                                    audit.record(
                                        new Action(
                                            actorId,
                                            tenantId,
                                            leaves ? "member.left" : "member.removed",
                                            userId,
                                            Map.of("role", member.role),
                                            origin)))));
  }

  /** With SQL, because the entities of sessions and users are not this package's. */
  private Uni<Void> endSessions(String tenantId, String userId) {
    return Panache.getSession()
        .flatMap(
            session ->
                session
                    .createNativeQuery(
                        """
                        update sessions set revoked_at = :now, revoked_because = 'no member any more'
                        where tenant_id = :tenant and user_id = :user and revoked_at is null""")
                    .setParameter("now", clock.instant())
                    .setParameter("tenant", tenantId)
                    .setParameter("user", userId)
                    .executeUpdate()
                    .chain(
                        () ->
                            session
                                .createNativeQuery(
                                    "update users set last_tenant_id = null"
                                        + " where id = :user and last_tenant_id = :tenant")
                                .setParameter("user", userId)
                                .setParameter("tenant", tenantId)
                                .executeUpdate()))
        .replaceWithVoid();
  }

  /** Makes another member the owner and the current owner an admin. */
  Uni<MemberChange> transfer(String ownerId, String tenantId, String toUserId, Origin origin) {
    return lockedRole(tenantId, ownerId)
        .flatMap(
            actor -> {
              if (actor.filter(Role.OWNER::equals).isEmpty()) {
                return refused(new MemberChange.NotAllowed());
              }
              if (ownerId.equals(toUserId)) {
                return refused(new MemberChange.SameOwner());
              }
              return findById(new StoredMembership.Key(tenantId, toUserId))
                  .flatMap(
                      member ->
                          member == null
                              ? refused(new MemberChange.NoSuchMember())
                              : transfer(ownerId, member, origin));
            });
  }

  private Uni<MemberChange> transfer(String ownerId, StoredMembership to, Origin origin) {
    String fromRole = to.role;
    to.role = Role.OWNER_NAME;
    return findById(new StoredMembership.Key(to.tenantId, ownerId))
        .invoke(owner -> owner.role = Role.ADMIN_NAME)
        .chain(() -> refusals.refuseUntilNow(Subject.member(ownerId, to.tenantId)))
        .chain(() -> refusals.refuseUntilNow(Subject.member(to.userId, to.tenantId)))
        .chain(
            () ->
                audit.record(
                    new Action(
                        ownerId,
                        to.tenantId,
                        "tenant.ownership_transferred",
                        to.userId,
                        Map.of("from_role", fromRole),
                        origin)))
        .replaceWith(new MemberChange.Done());
  }

  private static Uni<MemberChange> refused(MemberChange.Refused refused) {
    return Uni.createFrom().item(refused);
  }

  /** A change that {@link MemberRules} has judged, with the member it is about. */
  private record Judged(MemberChange verdict, StoredMembership member) {
    Uni<MemberChange> then(Function<StoredMembership, Uni<Void>> change) {
      return switch (verdict) {
        case MemberChange.Done done -> change.apply(member).replaceWith(done);
        case MemberChange.Refused refused -> Uni.createFrom().item(refused);
      };
    }
  }

  private Uni<Judged> judged(
      Optional<Role> actor, String tenantId, String userId, Optional<Role> to) {
    return findById(new StoredMembership.Key(tenantId, userId))
        .flatMap(
            member ->
                count("tenantId = ?1 and role = ?2", tenantId, Role.OWNER_NAME)
                    .map(
                        owners ->
                            new Judged(
                                MemberRules.judge(
                                    actor,
                                    Optional.ofNullable(member).map(StoredMembership::role),
                                    to,
                                    owners),
                                member)));
  }

  /** True when the user is an owner of the tenant now. */
  public Uni<Boolean> isOwner(String tenantId, String userId) {
    return findById(new StoredMembership.Key(tenantId, userId))
        .map(member -> member != null && member.role() == Role.OWNER);
  }

  /** Locks the tenant's row until the transaction ends. */
  public Uni<Void> lockTenant(String tenantId) {
    return StoredTenant.<StoredTenant>findById(tenantId, LockModeType.PESSIMISTIC_WRITE)
        .replaceWithVoid();
  }

  /**
   * Locks the tenant's row and returns the actor's role; empty when the actor is no member, as a
   * service account is not.
   */
  Uni<Optional<Role>> lockedRole(String tenantId, String actorId) {
    return lockTenant(tenantId)
        .chain(() -> findById(new StoredMembership.Key(tenantId, actorId)))
        .map(member -> Optional.ofNullable(member).map(StoredMembership::role));
  }
}
