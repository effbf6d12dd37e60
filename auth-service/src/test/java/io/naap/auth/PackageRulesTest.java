package io.naap.auth;

import io.naap.contracts.testing.PackageRules;

class PackageRulesTest extends PackageRules {

}
