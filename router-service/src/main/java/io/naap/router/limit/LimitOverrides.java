package io.naap.router.limit;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an operator changes of limits while routers run, for one tenant or key or for all: a
 * policy's limit, or that the policy is counted and refuses nothing (shadow). Of several overrides
 * that match, the first counts. An override never adds a policy that the key or tenant does not
 * have.
 *
 * <pre>
 * - policy: tenant-rpm        # as in violated-policies
 *   tenant: ten_...           # absent: every tenant
 *   key: key_...              # absent: every key
 *   limit: 600                # of dollars: nano-dollars
 * - policy: key-month-usd
 *   shadow: true
 * </pre>
 */
public record LimitOverrides(List<One> all, Set<String> alwaysShadow) {
  public static final LimitOverrides NONE = new LimitOverrides(List.of(), Set.of());

  private static final int MOST = 1_000;
  private static final Pattern POLICY = Pattern.compile("(key|tenant|plan)-[a-z]+(-[a-z0-9-]+)?");
  private static final YAMLMapper YAML = new YAMLMapper();

  /** One override: it has a limit, or it puts the policy in shadow. */
  public record One(
      String policy,
      Optional<String> tenant,
      Optional<String> key,
      OptionalLong limit,
      boolean shadow) {
    private boolean matches(String name, String tenantId, String keyId) {
      return policy.equals(name)
          && tenant.map(tenantId::equals).orElse(true)
          && key.map(keyId::equals).orElse(true);
    }
  }

  /**
   * Reads an operator's file.
   *
   * @throws IllegalArgumentException when the file is wrong; the message names the override and the
   *     mistake
   */
  public static LimitOverrides read(String yaml, Set<String> alwaysShadow) {
    JsonNode root;
    try {
      root = YAML.readTree(yaml);
    } catch (JacksonException unreadable) {
      throw new IllegalArgumentException("not YAML: " + unreadable.getOriginalMessage());
    }
    List<One> all = new ArrayList<>();
    if (root != null && !root.isMissingNode() && !root.isNull()) {
      if (!root.isArray()) {
        throw new IllegalArgumentException("overrides are a list");
      }
      if (root.size() > MOST) {
        throw new IllegalArgumentException("at most " + MOST + " overrides");
      }
      for (JsonNode one : root) {
        all.add(one(one, "override " + (all.size() + 1) + ": "));
      }
    }
    return new LimitOverrides(List.copyOf(all), alwaysShadow);
  }

  private static One one(JsonNode node, String where) {
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!Set.of("policy", "tenant", "key", "limit", "shadow").contains(name)) {
        throw new IllegalArgumentException(where + "there is no field \"" + name + "\"");
      }
    }
    String policy = text(node, "policy").orElse("");
    if (!POLICY.matcher(policy).matches()) {
      throw new IllegalArgumentException(
          where + "policy must be a policy's name, such as key-rpm or tenant-month-usd");
    }
    JsonNode limit = node.path("limit");
    boolean shadow = node.path("shadow").asBoolean(false);
    if (limit.isMissingNode() == !shadow) {
      throw new IllegalArgumentException(where + "give a limit, or shadow: true");
    }
    if (!limit.isMissingNode()
        && (!limit.isIntegralNumber() || !limit.canConvertToLong() || limit.asLong() < 0)) {
      throw new IllegalArgumentException(where + "limit must be a whole number, 0 or more");
    }
    return new One(
        policy,
        text(node, "tenant"),
        text(node, "key"),
        limit.isMissingNode()
            ? OptionalLong.empty()
            : OptionalLong.of(Math.min(limit.asLong(), Policy.MAX)),
        shadow);
  }

  private static Optional<String> text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isMissingNode() ? Optional.empty() : Optional.of(value.asText());
  }

  /** The policy with the limit that holds for a key of a tenant. */
  Policy of(Policy policy, String tenantId, String keyId) {
    for (One one : all) {
      if (one.limit.isPresent() && one.matches(policy.name(), tenantId, keyId)) {
        return new Policy(
            policy.owner(), policy.kind(), policy.what(), one.limit.getAsLong(), policy.local());
      }
    }
    return policy;
  }

  /** True when a policy is counted for this key and refuses nothing. */
  boolean isShadow(Policy policy, String tenantId, String keyId) {
    String name = policy.name();
    return alwaysShadow.contains(name)
        || all.stream().anyMatch(one -> one.shadow && one.matches(name, tenantId, keyId));
  }

  /** True when any policy is in shadow. A loop, not a stream: it is asked for every job. */
  public boolean hasShadows() {
    if (!alwaysShadow.isEmpty()) {
      return true;
    }
    for (One one : all) {
      if (one.shadow) {
        return true;
      }
    }
    return false;
  }
}
