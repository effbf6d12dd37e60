package io.naap.router;

import io.naap.contracts.testing.PackageRules;

class PackageRulesTest extends PackageRules {
  /** These two read the status of an answer of keys-service. */
  PackageRulesTest() {
    super("KeyProfiles", "RunningKeys");
  }
}
