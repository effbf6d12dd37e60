package io.naap.clearinghouse.wallet;

import io.smallrye.config.ConfigMapping;

/** The wallet that fills deposit, reserve and hot wallet; another than the hot one. */
@ConfigMapping(prefix = "naap.clearinghouse.funding-wallet")
public interface FundingWalletConfig extends WalletConfig {}
