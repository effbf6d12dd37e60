package io.naap.metering;

import io.naap.contracts.testing.PackageRules;

class PackageRulesTest extends PackageRules {
  PackageRulesTest() {
    super("OncePosted");
  }
}
