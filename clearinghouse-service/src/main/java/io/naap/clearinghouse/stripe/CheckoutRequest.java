package io.naap.clearinghouse.stripe;

import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.InvalidInput;

/**
 * Asks for a page to pay at.
 *
 * @param amount whole cents, 1 to 100000 dollars
 * @param saveCard keep the card for automatic top-ups
 * @param successUrl where the browser goes afterwards, https
 * @param cancelUrl where it goes otherwise, https
 */
public record CheckoutRequest(
    NanoUsd amount, boolean saveCard, String successUrl, String cancelUrl) {
  private static final NanoUsd MIN = NanoUsd.ofDollars(1);
  private static final NanoUsd MAX = NanoUsd.ofDollars(100_000);
  private static final int MAX_URL = 2_000;

  public CheckoutRequest {
    if (amount == null
        || amount.compareTo(MIN) < 0
        || amount.compareTo(MAX) > 0
        || amount.nanos() % 10_000_000 != 0) {
      throw new InvalidInput("amount is 1 to 100000 USD in whole cents");
    }
    if (!isPage(successUrl) || !isPage(cancelUrl)) {
      throw new InvalidInput("success_url and cancel_url are https addresses");
    }
  }

  private static boolean isPage(String url) {
    return url != null
        && url.length() <= MAX_URL
        && url.matches("(https://|http://localhost[:/])[\\x21-\\x7e]+");
  }
}
