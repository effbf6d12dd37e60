package io.naap.contracts;

import io.naap.contracts.testing.PackageRules;

class PackageRulesTest extends PackageRules {
  PackageRulesTest() {
    super("StatedAccess", "RequestBodies");
  }
}
