package io.naap.keys.authz;

import io.naap.contracts.edge.BodyRule;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * Forward authorization reads only the heads of requests; a body that a proxy sends is not read.
 */
@Singleton
public class AuthzBodies implements BodyRule.Table {
  @Override
  public List<BodyRule> rules() {
    return List.of(BodyRule.unread("/v1/authz/"), BodyRule.unread("/v1/authz"));
  }
}
