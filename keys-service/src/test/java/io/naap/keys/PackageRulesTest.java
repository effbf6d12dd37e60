package io.naap.keys;

import io.naap.contracts.testing.PackageRules;

class PackageRulesTest extends PackageRules {}
