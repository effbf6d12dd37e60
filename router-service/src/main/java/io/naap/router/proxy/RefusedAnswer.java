package io.naap.router.proxy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;

/** An answer that is not a good one: its beginning says why the gateway refused the job. */
final class RefusedAnswer implements GatewayAnswer {
  private static final int MOST_BYTES = 65_536;

  private final Exchange exchange;
  private final Buffer reason = Buffer.buffer();

  RefusedAnswer(Exchange exchange) {
    this.exchange = exchange;
  }

  @Override
  public void read(HttpClientResponse from) {
    int status = from.statusCode();
    from.handler(
        bytes -> {
          reason.appendBuffer(bytes);
          if (reason.length() > MOST_BYTES) {
            refuse(status, "");
          }
        });
    from.endHandler(ended -> refuse(status, reason.toString()));
  }

  private void refuse(int status, String text) {
    if (exchange.isOver()) {
      return;
    }
    GatewayRefusal refused = GatewayRefusal.of(exchange.job().capability(), status, text);
    switch (refused.kind()) {
      case CUSTOMER -> {
        exchange.services().gateways.outliers.answered(exchange.route());
        exchange.fail(refused.refusal());
      }
      case NO_CAPACITY -> {
        exchange.unserved("status");
        exchange.failForCapacity();
      }
      case FAILED -> {
        exchange.unserved("status");
        exchange.fail(refused.refusal());
      }
    }
  }

  @Override
  public boolean isOne() {
    return true;
  }
}
