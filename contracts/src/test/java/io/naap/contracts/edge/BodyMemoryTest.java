package io.naap.contracts.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BodyMemoryTest {
  private static final BodyMemory.Owner MANY = new BodyMemory.Owner("many", 25);
  private static final BodyMemory.Owner OTHER = new BodyMemory.Owner("other", 25);

  @Test
  void oneOwnerLeavesRoomForTheOthers() {
    BodyMemory memory = new BodyMemory(1_000);
    for (int i = 0; i < 10; i++) {
      memory.share(List.of(MANY)).grow(100);
    }

    assertThat(memory.takenBytes()).isEqualTo(200);
    assertThat(memory.share(List.of(MANY)).grow(100)).contains(BodyMemory.Full.OWNER);
    assertThat(memory.share(List.of(OTHER)).grow(200)).isEmpty();
  }

  @Test
  void anOwnersOnlyBodyMayBeLargerThanItsPart() {
    BodyMemory memory = new BodyMemory(1_000);
    BodyMemory.Share only = memory.share(List.of(MANY));

    assertThat(only.grow(300)).isEmpty();
    assertThat(only.grow(300)).isEmpty();
    assertThat(only.grow(500)).contains(BodyMemory.Full.PROCESS);
    assertThat(memory.share(List.of(MANY)).grow(1)).contains(BodyMemory.Full.OWNER);
  }

  @Property
  void neverHasMoreOutThanThereIsAndGetsAllBack(
      @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 400) Integer> sizes) {
    BodyMemory memory = new BodyMemory(1_000);
    List<BodyMemory.Share> shares = new ArrayList<>();
    for (int at = 0; at < sizes.size(); at++) {
      BodyMemory.Share share = memory.share(List.of(at % 2 == 0 ? MANY : OTHER));
      Optional<BodyMemory.Full> full = share.grow(sizes.get(at));
      assertThat(share.bytes()).isEqualTo(full.isEmpty() ? sizes.get(at).longValue() : 0L);
      assertThat(memory.takenBytes()).isBetween(0L, 1_000L);
      shares.add(share);
    }

    shares.forEach(BodyMemory.Share::release);
    shares.forEach(BodyMemory.Share::release);

    assertThat(memory.takenBytes()).isZero();
    assertThat(memory.share(List.of(MANY)).grow(1_000)).isEmpty();
  }

  @Test
  void namesAllAddressesOfAnIpv6NetworkAlike() {
    assertThat(AddressGroup.of("2001:db8:1:2:3:4:5:6"))
        .isEqualTo(AddressGroup.of("2001:db8:1:2::9"))
        .isNotEqualTo(AddressGroup.of("2001:db8:1:3::9"));
    assertThat(AddressGroup.of("::ffff:10.1.2.3")).isEqualTo("10.1.2.3");
    assertThat(AddressGroup.of("10.1.2.3")).isEqualTo("10.1.2.3");
  }
}
