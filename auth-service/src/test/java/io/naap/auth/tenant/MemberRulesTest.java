package io.naap.auth.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.identity.Role;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MemberRulesTest {
  private static final Optional<Role> REMOVED = Optional.empty();

  @Test
  void letsOwnersChangeEverybody() {
    for (Role from : MemberRules.MEMBER_ROLES) {
      for (Role to : MemberRules.MEMBER_ROLES) {
        assertThat(judge(Role.OWNER, from, Optional.of(to), 2)).isEqualTo(new MemberChange.Done());
      }
    }
  }

  @Test
  void letsAdminsChangeOnlyThoseBelowThem() {
    assertThat(judge(Role.ADMIN, Role.VIEWER, Optional.of(Role.BILLING), 1))
        .isEqualTo(new MemberChange.Done());
    assertThat(judge(Role.ADMIN, Role.DEVELOPER, REMOVED, 1)).isEqualTo(new MemberChange.Done());
    assertThat(judge(Role.ADMIN, Role.VIEWER, Optional.of(Role.ADMIN), 1))
        .isEqualTo(new MemberChange.NotAllowed());
    assertThat(judge(Role.ADMIN, Role.ADMIN, REMOVED, 1)).isEqualTo(new MemberChange.NotAllowed());
    assertThat(judge(Role.ADMIN, Role.OWNER, REMOVED, 2)).isEqualTo(new MemberChange.NotAllowed());
  }

  @Test
  void letsNobodyElseChangeAnything() {
    for (Role actor : new Role[] {Role.DEVELOPER, Role.BILLING, Role.VIEWER}) {
      assertThat(judge(actor, Role.VIEWER, REMOVED, 1)).isEqualTo(new MemberChange.NotAllowed());
    }
    assertThat(MemberRules.judge(Optional.empty(), Optional.of(Role.VIEWER), REMOVED, 1))
        .isEqualTo(new MemberChange.NotAllowed());
  }

  @Test
  void keepsTheLastOwner() {
    assertThat(judge(Role.OWNER, Role.OWNER, REMOVED, 1)).isEqualTo(new MemberChange.LastOwner());
    assertThat(judge(Role.OWNER, Role.OWNER, Optional.of(Role.ADMIN), 1))
        .isEqualTo(new MemberChange.LastOwner());
    assertThat(judge(Role.OWNER, Role.OWNER, Optional.of(Role.OWNER), 1))
        .isEqualTo(new MemberChange.Done());
    assertThat(judge(Role.OWNER, Role.OWNER, REMOVED, 2)).isEqualTo(new MemberChange.Done());
  }

  @Test
  void findsNoMemberToChange() {
    assertThat(MemberRules.judge(Optional.of(Role.OWNER), Optional.empty(), REMOVED, 1))
        .isEqualTo(new MemberChange.NoSuchMember());
  }

  private static MemberChange judge(Role actor, Role from, Optional<Role> to, long owners) {
    return MemberRules.judge(Optional.of(actor), Optional.of(from), to, owners);
  }
}
