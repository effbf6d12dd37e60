package io.naap.auth.tenant;

import io.naap.auth.audit.Action;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Stores invitations of wallets into tenants. A wallet has at most one open invitation per tenant;
 * invitations expire. Methods run in the caller's session or transaction.
 */
@ApplicationScoped
public class Invitations implements PanacheRepositoryBase<StoredInvitation, String> {
  private final Members members;
  private final Audit audit;
  private final Ids ids;
  private final Clock clock;
  private final AuthConfig config;

  Invitations(Members members, Audit audit, Ids ids, Clock clock, AuthConfig config) {
    this.members = members;
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
  Uni<Invited> invite(String actorId, String tenantId, String wallet, Role role, Origin origin) {
    StoredInvitation invitation = new StoredInvitation();
    invitation.id = ids.next(IdKind.INVITATION);
    invitation.tenantId = tenantId;
    invitation.wallet = wallet;
    invitation.role = role.wireName();
    invitation.invitedBy = actorId;
    // Postgres stores microseconds; truncating here makes responses equal to what is stored.
    invitation.createdAt = clock.instant().truncatedTo(ChronoUnit.MICROS);
    invitation.expiresAt = invitation.createdAt.plus(config.invitationTtl());
    return members
        .lockedRole(tenantId, actorId)
        .flatMap(
            actor ->
                actor.filter(who -> MemberRules.mayGrant(who, role)).isEmpty()
                    ? Uni.createFrom().item(new Invited.NotAllowed())
                    : withdrawExpired(invitation)
                        .chain(() -> objection(invitation))
                        .flatMap(
                            objection ->
                                objection.isPresent()
                                    ? Uni.createFrom().item(objection.get())
                                    : insert(invitation, origin)));
  }

  private Uni<Integer> withdrawExpired(StoredInvitation invitation) {
    return update(
        "outcome = 'withdrawn' where tenantId = ?1 and wallet = ?2 and outcome is null"
            + " and expiresAt <= ?3",
        invitation.tenantId,
        invitation.wallet,
        invitation.createdAt);
  }

  /** Why the wallet cannot be invited now, with one look at all counts. */
  private Uni<Optional<Invited>> objection(StoredInvitation invitation) {
    return Panache.getSession()
        .flatMap(
            session ->
                session
                    .createNativeQuery(
                        """
                        select (select count(*) from memberships where tenant_id = :tenant)
                          + (select count(*) from invitations where tenant_id = :tenant
                             and outcome is null and expires_at > :now) as people,
                          exists (select 1 from memberships m join wallets w on w.user_id = m.user_id
                            where m.tenant_id = :tenant and w.address = :wallet) as member,
                          exists (select 1 from invitations where tenant_id = :tenant
                            and wallet = :wallet and outcome is null) as invited""",
                        Object[].class)
                    .setParameter("tenant", invitation.tenantId)
                    .setParameter("wallet", invitation.wallet)
                    .setParameter("now", invitation.createdAt)
                    .getSingleResult())
        .map(
            counts -> {
              if ((Boolean) counts[1]) {
                return Optional.of(new Invited.AlreadyMember());
              }
              if ((Boolean) counts[2]) {
                return Optional.of(new Invited.AlreadyInvited());
              }
              return ((Number) counts[0]).longValue() >= config.membersPerTenant()
                  ? Optional.of(new Invited.TooMany(config.membersPerTenant()))
                  : Optional.empty();
            });
  }

  private Uni<Invited> insert(StoredInvitation invitation, Origin origin) {
    Action action =
        new Action(
            invitation.invitedBy,
            invitation.tenantId,
            "invitation.made",
            invitation.id,
            Map.of("wallet", invitation.wallet, "role", invitation.role),
            origin);
    // The tenant is in the session already: its row is locked.
    return StoredTenant.<StoredTenant>findById(invitation.tenantId)
        .invoke(tenant -> invitation.tenant = tenant)
        .chain(() -> persist(invitation))
        .chain(() -> audit.record(action))
        .map(done -> new Invited.Done(invitation.view()));
  }

  /** A page of a tenant's open invitations, newest first, after the cursor. */
  Uni<List<InvitationView>> ofTenant(String tenantId, Optional<String> before, int limit) {
    return list("i.tenantId", tenantId, before, limit);
  }

  /** A page of a wallet's open invitations, newest first, after the cursor. */
  Uni<List<InvitationView>> ofWallet(String wallet, Optional<String> before, int limit) {
    return list("i.wallet", wallet, before, limit);
  }

  private Uni<List<InvitationView>> list(
      String field, String value, Optional<String> before, int limit) {
    return find(
            "from StoredInvitation i join fetch i.tenant where i.outcome is null"
                + " and i.expiresAt > ?1 and i.id < ?2 and "
                + field
                + " = ?3 order by i.id desc",
            clock.instant(),
            before.orElse("~"),
            value)
        .range(0, limit - 1)
        .list()
        .map(rows -> rows.stream().map(StoredInvitation::view).toList());
  }

  /** Withdraws an invitation. */
  Uni<InvitationEnd> withdraw(String actorId, String tenantId, String id, Origin origin) {
    return members
        .lockedRole(tenantId, actorId)
        .flatMap(
            actor ->
                actor.isEmpty()
                    ? Uni.createFrom().item(new InvitationEnd.NotAllowed())
                    : open(id, row -> row.tenantId.equals(tenantId))
                        .flatMap(
                            open -> {
                              if (open.isEmpty()) {
                                return Uni.createFrom().item(new InvitationEnd.NoneOpen());
                              }
                              if (!MemberRules.mayGrant(actor.get(), open.get().role())) {
                                return Uni.createFrom().item(new InvitationEnd.NotAllowed());
                              }
                              return end(
                                  open.get(),
                                  "withdrawn",
                                  new Action(
                                      actorId,
                                      tenantId,
                                      "invitation.withdrawn",
                                      id,
                                      Map.of(),
                                      origin));
                            }));
  }

  /** Accepts or declines an invitation of the caller's wallet. */
  Uni<InvitationEnd> answer(
      String userId, String wallet, String id, boolean accept, Origin origin) {
    String outcome = accept ? "accepted" : "declined";
    return open(id, row -> row.wallet.equals(wallet))
        .flatMap(
            open ->
                open.isEmpty()
                    ? Uni.createFrom().item(new InvitationEnd.NoneOpen())
                    : (accept ? join(userId, open.get()) : Uni.createFrom().voidItem())
                        .chain(
                            () ->
                                end(
                                    open.get(),
                                    outcome,
                                    new Action(
                                        userId,
                                        open.get().tenantId,
                                        "invitation." + outcome,
                                        id,
                                        Map.of("role", open.get().role),
                                        origin))));
  }

  /** Makes the user a member; a member keeps the role that they have. */
  private Uni<Void> join(String userId, StoredInvitation invitation) {
    return Panache.getSession()
        .flatMap(
            session ->
                session
                    .createNativeQuery(
                        """
                        insert into memberships (tenant_id, user_id, role, created_at)
                        values (:tenant, :user, :role, :now) on conflict do nothing""")
                    .setParameter("tenant", invitation.tenantId)
                    .setParameter("user", userId)
                    .setParameter("role", invitation.role)
                    .setParameter("now", clock.instant())
                    .executeUpdate())
        .replaceWithVoid();
  }

  private Uni<InvitationEnd> end(StoredInvitation invitation, String outcome, Action action) {
    invitation.outcome = outcome;
    return audit.record(action).map(done -> new InvitationEnd.Ended(invitation.tenantId));
  }

  /** The open invitation of an id, with its row locked; empty when the condition does not hold. */
  private Uni<Optional<StoredInvitation>> open(String id, Predicate<StoredInvitation> condition) {
    return IdKind.INVITATION.matches(id)
        ? find("id = ?1 and outcome is null and expiresAt > ?2", id, clock.instant())
            .withLock(LockModeType.PESSIMISTIC_WRITE)
            .firstResult()
            .map(row -> Optional.ofNullable(row).filter(condition))
        : Uni.createFrom().item(Optional.empty());
  }
}
