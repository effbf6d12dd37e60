package io.naap.clearinghouse.signer.tokens;

import java.util.Optional;

/**
 * A caller of the signer: exactly one of gateway and tenant is present.
 *
 * @param name in the configuration, or the id of a token; the ledger books under it
 * @param tier of the orchestrators it may discover
 */
public record SignerCaller(
    String name, Optional<String> gateway, Optional<String> tenant, String tier) {}
