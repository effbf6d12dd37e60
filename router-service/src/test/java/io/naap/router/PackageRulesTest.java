package io.naap.router;

import io.naap.contracts.testing.PackageRules;

class PackageRulesTest extends PackageRules {
  /** They read the status of an answer of another service. */
  PackageRulesTest() {
    super("KeyProfiles", "NeighbourGuards", "RunningKeys");
  }
}
