package io.naap.auth.tenant;

import io.naap.contracts.identity.Role;
import io.naap.contracts.problem.InvalidInput;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Who may give which role to whom. Owners may do everything; admins look after those below them and
 * can make nobody their equal. The last owner stays.
 */
final class MemberRules {
  /** The roles a member of a tenant can have. */
  static final Set<Role> MEMBER_ROLES =
      EnumSet.of(Role.OWNER, Role.ADMIN, Role.DEVELOPER, Role.BILLING, Role.VIEWER);

  private static final Set<Role> BELOW_ADMIN =
      EnumSet.of(Role.DEVELOPER, Role.BILLING, Role.VIEWER);

  private MemberRules() {}

  /** A role by the name it has in a request. */
  static Role role(String name) {
    return Role.find(name == null ? "" : name)
        .filter(MEMBER_ROLES::contains)
        .orElseThrow(
            () -> new InvalidInput("role must be one of owner, admin, developer, billing, viewer"));
  }

  /** May the actor invite somebody as that role, or make a service account with it? */
  static boolean mayGrant(Role actor, Role granted) {
    return actor == Role.OWNER || (actor == Role.ADMIN && BELOW_ADMIN.contains(granted));
  }

  /**
   * May the actor change a member from one role to another?
   *
   * @param to empty for removing the member
   */
  static boolean mayChange(Role actor, Role from, Optional<Role> to) {
    return mayGrant(actor, from) && to.map(role -> mayGrant(actor, role)).orElse(true);
  }

  /** Would the change leave the tenant without an owner? */
  static boolean leavesNoOwner(Role from, Optional<Role> to, long owners) {
    return from == Role.OWNER && owners <= 1 && to.filter(Role.OWNER::equals).isEmpty();
  }
}
