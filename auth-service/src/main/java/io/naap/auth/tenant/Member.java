package io.naap.auth.tenant;

import io.naap.contracts.identity.Role;
import java.util.Set;

/** A user acting for a tenant. */
public record Member(String userId, String tenantId, String wallet, Set<Role> roles) {
  public Member {
    roles = Set.copyOf(roles);
  }
}
