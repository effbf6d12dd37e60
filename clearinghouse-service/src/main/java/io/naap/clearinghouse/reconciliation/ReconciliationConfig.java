package io.naap.clearinghouse.reconciliation;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigDecimal;

/** How network cost is shown in dollars. */
@ConfigMapping(prefix = "naap.clearinghouse")
public interface ReconciliationConfig {
  /** Dollars per ether, for reports only; no money moves by it. */
  @WithDefault("3000")
  BigDecimal ethUsd();
}
