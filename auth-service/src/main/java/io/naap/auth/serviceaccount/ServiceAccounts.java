package io.naap.auth.serviceaccount;

import io.naap.auth.audit.Action;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.auth.secret.Opaque;
import io.naap.auth.tenant.AuthConfig;
import io.naap.auth.tenant.Members;
import io.naap.auth.trust.Refusals;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.Subject;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Stores service accounts. Methods run in the caller's session or transaction. */
@ApplicationScoped
public class ServiceAccounts implements PanacheRepositoryBase<StoredServiceAccount, String> {
  private final Members members;
  private final Refusals refusals;
  private final Audit audit;
  private final Ids ids;
  private final Clock clock;
  private final AuthConfig config;
  private final SecureRandom random = new SecureRandom();

  ServiceAccounts(
      Members members, Refusals refusals, Audit audit, Ids ids, Clock clock, AuthConfig config) {
    this.members = members;
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
  Uni<Optional<NewSecret>> create(
      String actorId, String tenantId, String name, Role role, Origin origin) {
    return members
        .lockTenant(tenantId)
        .chain(() -> count("tenantId", tenantId))
        .flatMap(
            accounts ->
                accounts >= config.serviceAccountsPerTenant()
                    ? Uni.createFrom().item(Optional.empty())
                    : insert(actorId, tenantId, name, role, origin).map(Optional::of));
  }

  private Uni<NewSecret> insert(
      String actorId, String tenantId, String name, Role role, Origin origin) {
    String secret = Opaque.random(random);
    StoredServiceAccount account = new StoredServiceAccount();
    account.id = ids.next(IdKind.SERVICE_ACCOUNT);
    account.tenantId = tenantId;
    account.name = name;
    account.role = role.wireName();
    account.secretHash = Opaque.hash(secret).getBytes();
    account.createdBy = actorId;
    account.createdAt = clock.instant();
    Action action =
        new Action(
            actorId,
            tenantId,
            "service_account.created",
            account.id,
            Map.of("name", name, "role", account.role),
            origin);
    return persist(account)
        .chain(() -> audit.record(action))
        .map(done -> new NewSecret(account.id, secret, name, account.role));
  }

  /** A page of a tenant's accounts, newest first, after the cursor. */
  Uni<List<AccountView>> list(String tenantId, Optional<String> before, int limit) {
    return find("tenantId = ?1 and id < ?2 order by id desc", tenantId, before.orElse("~"))
        .range(0, limit - 1)
        .list()
        .map(rows -> rows.stream().map(StoredServiceAccount::view).toList());
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
  Uni<Removed> remove(String actorId, boolean isOwner, String tenantId, String id, Origin origin) {
    return findById(id, LockModeType.PESSIMISTIC_WRITE)
        .flatMap(
            account ->
                account == null || !account.tenantId.equals(tenantId)
                    ? Uni.createFrom().item(new Removed.NoneSuch())
                    : isOwners(account)
                        .flatMap(
                            owners ->
                                owners && !isOwner
                                    ? Uni.createFrom().item(new Removed.OwnersOnly())
                                    : remove(account, actorId, origin)));
  }

  private Uni<Boolean> isOwners(StoredServiceAccount account) {
    return account.role.equals(Role.ADMIN_NAME)
        ? Uni.createFrom().item(true)
        : members.isOwner(account.tenantId, account.createdBy);
  }

  private Uni<Removed> remove(StoredServiceAccount account, String actorId, Origin origin) {
    Action action =
        new Action(
            actorId, account.tenantId, "service_account.deleted", account.id, Map.of(), origin);
    return delete(account)
        .chain(() -> refusals.refuseAll(Subject.person(account.id)))
        .chain(() -> audit.record(action))
        .replaceWith(new Removed.Done());
  }
}
