package io.naap.router.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.TenantPlan;
import io.naap.router.proxy.StreamSlots;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConcurrencySlotsTest {
  private static final Duration DEAD_AFTER = Duration.ofSeconds(60);

  private final Slots slots = new Slots();
  private final Homes homes = new Homes();
  private final ConcurrencySlots streams =
      new ConcurrencySlots(slots, homes, "here", Duration.ofSeconds(2), DEAD_AFTER, null);

  /** The slots of this router; others take the free ones. */
  private static final class Slots implements StreamSlots {
    final Set<String> here = new HashSet<>();
    boolean isFull;

    @Override
    public boolean hasSlot(String requestId) {
      return here.contains(requestId);
    }

    @Override
    public Future<Void> takeSlot(KeyProfile profile, TenantPlan plan, String requestId) {
      if (isFull) {
        return Future.failedFuture(Refusal.of(429, "limit_reached", "full").raise());
      }
      here.add(requestId);
      return Future.succeededFuture();
    }

    @Override
    public void leaveSlot(String requestId) {
      here.remove(requestId);
    }
  }

  private static final class Homes implements SlotHomes {
    final List<String> told = new ArrayList<>();
    List<String> lost = List.of();
    Claim claim = new Claim.Claimed(0);

    @Override
    public Future<Claim> claim(String streamId, String router, long silentMillis) {
      return Future.succeededFuture(claim);
    }

    @Override
    public Future<List<String>> home(String router, List<String> streamIds, long silentMillis) {
      told.addAll(streamIds);
      return Future.succeededFuture(lost);
    }
  }

  private static LiveSession session() {
    return new LiveSession("str_1", "req_1", null, null, null, null, null, Optional.empty());
  }

  private boolean keeps() {
    return streams.keep(session(), null, null).succeeded();
  }

  @Test
  void aStreamKeepsTheSlotThatThisRouterHas() {
    slots.here.add("req_1");
    homes.claim = null;

    assertThat(keeps()).isTrue();
  }

  @Test
  void leavesTheSlotWithARouterThatIsNotSilent() {
    homes.claim = new SlotHomes.Claim.Taken();

    assertThat(keeps()).isTrue();
    assertThat(slots.here).isEmpty();
  }

  @Test
  void takesTheSlotOfASilentRouterOverAndTellsRedis() {
    assertThat(keeps()).isTrue();
    streams.sweep();

    assertThat(slots.here).containsExactly("req_1");
    assertThat(homes.told).containsExactly("str_1");
  }

  @Test
  void runsWithoutASlotUntilADeadRoutersSlotsAreGivenBack() {
    slots.isFull = true;

    homes.claim = new SlotHomes.Claim.Claimed(DEAD_AFTER.toMillis());
    assertThat(keeps()).isTrue();

    homes.claim = new SlotHomes.Claim.Claimed(DEAD_AFTER.plusSeconds(10).toMillis());
    assertThat(keeps()).isFalse();
  }

  @Test
  void givesSlotsBackThatAnotherRouterTookOver() {
    slots.here.add("req_1");
    assertThat(streams.begin(session()).succeeded()).isTrue();

    homes.lost = List.of("str_1");
    streams.sweep();

    assertThat(slots.here).isEmpty();
  }

  @Test
  void givesTheSlotOfAStreamBackThatEnded() {
    slots.here.add("req_1");

    streams.leave(session());

    assertThat(slots.here).isEmpty();
  }
}
