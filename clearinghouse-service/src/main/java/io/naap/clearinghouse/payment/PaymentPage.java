package io.naap.clearinghouse.payment;

import java.util.List;

/** Some payments, the newest first. */
public record PaymentPage(List<Payment> data, String nextCursor) {
  public PaymentPage {
    data = List.copyOf(data);
  }
}
