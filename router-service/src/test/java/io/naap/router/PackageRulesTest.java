package io.naap.router;

import io.naap.contracts.testing.PackageRules;

class PackageRulesTest extends PackageRules {}
