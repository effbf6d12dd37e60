package io.naap.auth.audit;

import java.util.Map;

/**
 * What somebody did, as the audit log records it.
 *
 * @param tenantId null for actions on the platform itself
 * @param name for example {@code member.role_changed}
 * @param object what the action changed
 * @param details what changed; never a secret
 */
public record Action(
    String actor,
    String tenantId,
    String name,
    String object,
    Map<String, String> details,
    Origin origin) {
  public Action {
    details = Map.copyOf(details);
  }
}
