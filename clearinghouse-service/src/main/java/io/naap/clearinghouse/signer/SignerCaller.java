package io.naap.clearinghouse.signer;

import java.util.Optional;

/**
 * Who asks for payments; exactly one of gateway and tenant is there.
 *
 * @param name in the configuration, or the id of a token; also in the ledger
 * @param tier of the orchestrators it is told of
 */
record SignerCaller(String name, Optional<String> gateway, Optional<String> tenant, String tier) {}
