package io.naap.keys.authz;

import io.naap.contracts.edge.BodyRule;
import jakarta.inject.Singleton;
import java.util.List;

/** Forward authorisation looks at heads only: what a proxy sends on of a body is not read. */
@Singleton
public class AuthzBodies implements BodyRule.Table {
  @Override
  public List<BodyRule> rules() {
    return List.of(BodyRule.unread("/v1/authz/"), BodyRule.unread("/v1/authz"));
  }
}
