package io.naap.router.limit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The limits that one key's jobs must fit in, with the operator's overrides applied. Made once for
 * as long as limits and overrides stay the same, so that no job pays for names and headers.
 */
public final class BoundLimits {
  private final Limits limits;
  private final boolean prepaid;
  private final LimitOverrides overrides;
  private final List<Rule> rules;

  /** The {@code RateLimit-Policy} header, which is the same for every answer. */
  private final String policyHeader;

  private BoundLimits(Limits limits, boolean prepaid, LimitOverrides overrides, List<Rule> rules) {
    this.limits = limits;
    this.prepaid = prepaid;
    this.overrides = overrides;
    this.rules = rules;
    this.policyHeader = rules.stream().map(Rule::header).collect(Collectors.joining(", "));
  }

  /**
   * One policy as it holds for the key.
   *
   * @param header its part of the {@code RateLimit-Policy} header
   * @param stateName how its part of the {@code RateLimit} header begins
   * @param shadow it is counted and refuses nothing
   */
  public record Rule(Policy policy, String name, String header, String stateName, boolean shadow) {
    private static Rule of(Policy policy, boolean shadow) {
      String name = policy.name();
      StringBuilder header = new StringBuilder();
      header.append('"').append(name).append("\";q=").append(policy.limit());
      policy.windowSeconds().ifPresent(seconds -> header.append(";w=").append(seconds));
      if (policy.kind() == Policy.Kind.CONCURRENT) {
        header.append(";qu=\"concurrent-requests\"");
      }
      return new Rule(policy, name, header.toString(), "\"" + name + "\";r=", shadow);
    }
  }

  /** Applies the overrides to the limits of a key. */
  public static BoundLimits bind(
      Limits limits, boolean prepaid, LimitOverrides overrides, String tenantId, String keyId) {
    List<Rule> rules = new ArrayList<>();
    for (Policy set : limits.policies()) {
      Policy policy = overrides.of(set, tenantId, keyId);
      rules.add(Rule.of(policy, overrides.isShadow(policy, tenantId, keyId)));
    }
    return new BoundLimits(limits, prepaid, overrides, List.copyOf(rules));
  }

  public List<Rule> rules() {
    return rules;
  }

  /** True when money must be set aside for every job. */
  public boolean prepaid() {
    return prepaid;
  }

  String policyHeader() {
    return policyHeader;
  }

  /** True when a job with these limits is under the same rules. */
  @SuppressWarnings("ReferenceEquality") // Asked for each job, and most often the same object.
  public boolean isOf(Limits others, boolean othersPrepaid, LimitOverrides now) {
    return overrides == now
        && prepaid == othersPrepaid
        && (limits == others || sameParts(limits, others));
  }

  @SuppressWarnings("ReferenceEquality") // As above.
  private static boolean sameParts(Limits one, Limits other) {
    return (one.key() == other.key()
            && one.tenant() == other.tenant()
            && one.plan() == other.plan()
            && one.concurrentHere() == other.concurrentHere())
        || one.equals(other);
  }
}
