package io.naap.auth.tenant;

import io.naap.contracts.identity.Role;
import io.naap.contracts.problem.InvalidInput;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Rules on who may change whose role. Owners may do everything; admins manage developers, billing
 * and viewers and cannot appoint admins. A tenant keeps at least one owner.
 */
final class MemberRules {
  /** The roles that a member of a tenant can have. */
  static final Set<Role> MEMBER_ROLES =
      EnumSet.of(Role.OWNER, Role.ADMIN, Role.DEVELOPER, Role.BILLING, Role.VIEWER);

  private static final Set<Role> BELOW_ADMIN =
      EnumSet.of(Role.DEVELOPER, Role.BILLING, Role.VIEWER);

  private MemberRules() {}

  /** Parses a member's role. */
  static Role role(String name) {
    return Role.find(name == null ? "" : name)
        .filter(MEMBER_ROLES::contains)
        .orElseThrow(
            () -> new InvalidInput("role must be one of owner, admin, developer, billing, viewer"));
  }

  /**
   * True when the actor may invite somebody with that role, or create a service account with it.
   */
  static boolean mayGrant(Role actor, Role granted) {
    return actor == Role.OWNER || (actor == Role.ADMIN && BELOW_ADMIN.contains(granted));
  }

  /**
   * Judges a change of a member's role.
   *
   * @param actor empty when the actor is no member
   * @param from empty when there is no such member
   * @param to empty for removing the member
   * @param owners the number of owners before the change
   */
  static MemberChange judge(
      Optional<Role> actor, Optional<Role> from, Optional<Role> to, long owners) {
    if (actor.isEmpty()) {
      return new MemberChange.NotAllowed();
    }
    if (from.isEmpty()) {
      return new MemberChange.NoSuchMember();
    }
    if (!mayChange(actor.get(), from.get(), to)) {
      return new MemberChange.NotAllowed();
    }
    return leavesNoOwner(from.get(), to, owners)
        ? new MemberChange.LastOwner()
        : new MemberChange.Done();
  }

  /**
   * True when the actor may change a member from one role to another.
   *
   * @param to empty for removing the member
   */
  static boolean mayChange(Role actor, Role from, Optional<Role> to) {
    return mayGrant(actor, from) && to.map(role -> mayGrant(actor, role)).orElse(true);
  }

  /** True when the change would leave the tenant without an owner. */
  static boolean leavesNoOwner(Role from, Optional<Role> to, long owners) {
    return from == Role.OWNER && owners <= 1 && to.filter(Role.OWNER::equals).isEmpty();
  }
}
