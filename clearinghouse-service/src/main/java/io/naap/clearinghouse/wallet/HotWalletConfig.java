package io.naap.clearinghouse.wallet;

import io.smallrye.config.ConfigMapping;

/** The wallet that signs tickets; without it the remote signer does not start. */
@ConfigMapping(prefix = "naap.clearinghouse.wallet")
public interface HotWalletConfig extends WalletConfig {}
