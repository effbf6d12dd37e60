package io.naap.clearinghouse;

import io.naap.contracts.testing.PackageRules;

class PackageRulesTest extends PackageRules {}
