package io.naap.contracts.identity;

import java.util.Optional;

/** All roles. The constants below are their names in tokens and in {@code @RolesAllowed}. */
public enum Role {
  OWNER(Role.OWNER_NAME),
  ADMIN(Role.ADMIN_NAME),
  DEVELOPER(Role.DEVELOPER_NAME),
  BILLING(Role.BILLING_NAME),
  VIEWER(Role.VIEWER_NAME),
  /** Operates the platform and may do everything, for every tenant. */
  OPERATOR(Role.OPERATOR_NAME),
  /** Supports customers and may read everything, of every tenant. */
  SUPPORT(Role.SUPPORT_NAME),
  /** One of the five services; only in tokens of the internal audience. */
  SERVICE(Role.SERVICE_NAME);

  public static final String OWNER_NAME = "owner";
  public static final String ADMIN_NAME = "admin";
  public static final String DEVELOPER_NAME = "developer";
  public static final String BILLING_NAME = "billing";
  public static final String VIEWER_NAME = "viewer";
  public static final String OPERATOR_NAME = "operator";
  public static final String SUPPORT_NAME = "support";
  public static final String SERVICE_NAME = "service";

  private final String wireName;

  Role(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }

  public static Optional<Role> find(String wireName) {
    for (Role role : values()) {
      if (role.wireName.equals(wireName)) {
        return Optional.of(role);
      }
    }
    return Optional.empty();
  }
}
