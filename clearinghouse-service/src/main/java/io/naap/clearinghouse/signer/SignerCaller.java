package io.naap.clearinghouse.signer;

import java.util.Optional;

/**
 * Who asks for payments; exactly one of gateway and tenant is there.
 *
 * @param name in the configuration, and in the ledger
 */
record SignerCaller(String name, Optional<String> gateway, Optional<String> tenant) {}
