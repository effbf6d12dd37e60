package io.naap.clearinghouse.signer.killswitch;

import io.naap.clearinghouse.signer.tokens.SignerCaller;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The kill switches in force, and whom they stop.
 *
 * @param keys each {@code scope:subject}
 */
public record ActiveStops(Set<String> keys) {
  public ActiveStops {
    keys = Set.copyOf(keys);
  }

  /** True when nothing may be signed for this caller and orchestrator. */
  public boolean stop(SignerCaller caller, String orchestrator) {
    return !keys.isEmpty() && keysOf(caller, orchestrator).stream().anyMatch(keys::contains);
  }

  /** The keys of all switches that stop a payment of this caller to this orchestrator. */
  public static List<String> keysOf(SignerCaller caller, String orchestrator) {
    List<String> keys = new ArrayList<>(4);
    keys.add(KillSwitches.PLATFORM + ":");
    keys.add("caller:" + caller.name());
    keys.add("orchestrator:" + orchestrator);
    caller.tenant().ifPresent(tenant -> keys.add("tenant:" + tenant));
    return keys;
  }
}
