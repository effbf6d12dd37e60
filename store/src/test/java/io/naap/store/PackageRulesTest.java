package io.naap.store;

import io.naap.contracts.testing.PackageRules;

class PackageRulesTest extends PackageRules {}
