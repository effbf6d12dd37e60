package io.naap.clearinghouse.settlement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BrokerEventTest {
  /** Topics of the deployed contract, in the order of our kinds. */
  @Test
  void eventsAreKnownByTheTopicsOfTheDeployedContract() {
    assertThat(Arrays.stream(BrokerEvent.Kind.values()).map(BrokerEvent.Kind::topic))
        .containsExactly(
            "0x5159e237d952190e68d5215430f305831be7c9c8776d1377c76679ae4773413f",
            "0xb52b99b9e83551fcbd069b559cc3e823e2a1a3bad8ece46561ea77524394c850",
            "0x5c2b394723f408a40a60335e24b71829642e35f350cebe2036a96a66e895ea98",
            "0xc389eb51ed006dbf2528507f010efdf5225ea596e1e1741d74f550dab1925ee7",
            "0x8b87351a208c06e3ceee59d80725fd77a23b4129e1b51ca231fc89b40712649c",
            "0xf7870c5b224cbc19873599e46ccfc7103934650509b1af0c3ce90138377c2004",
            "0xfa044b7b93a40365dc68049797c2eb06918523d694e5d56e406cac3eb35578e5",
            "0xdf273cb619d95419a9cd0ec88123a0538c85064229baa6363788f743fff90deb");
  }
}
