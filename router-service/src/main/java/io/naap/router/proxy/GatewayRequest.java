package io.naap.router.proxy;

import io.naap.router.http.ConnectionClose;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;

/** One request to a gateway, and how far it has come. Used on the exchange's event loop only. */
final class GatewayRequest {
  private final HttpClientRequest request;
  private final long sentNanos;
  private long bodyBytes;
  private boolean uploaded;
  private boolean answered;
  private boolean abandoned;
  private HttpClientResponse response;

  /**
   * @param sentNanos when the job was forwarded, by {@link System#nanoTime}
   */
  GatewayRequest(HttpClientRequest request, long sentNanos) {
    this.request = request;
    this.sentNanos = sentNanos;
  }

  /** The same job's next request, which has no body. */
  GatewayRequest followedBy(HttpClientRequest next) {
    GatewayRequest following = new GatewayRequest(next, sentNanos);
    following.bodyBytes = bodyBytes;
    following.uploaded = true;
    return following;
  }

  long sentNanos() {
    return sentNanos;
  }

  /** Counts bytes of the body that the gateway was sent. */
  void sent(long bytes) {
    bodyBytes += bytes;
  }

  long bodyBytes() {
    return bodyBytes;
  }

  /** The gateway has the whole body. */
  void uploaded() {
    uploaded = true;
  }

  boolean isUploaded() {
    return uploaded;
  }

  /** True when the gateway takes more of the body, and the client does not send it. */
  boolean waitsForClient() {
    return !uploaded && !request.writeQueueFull();
  }

  /** The gateway has begun to answer. */
  void answering(HttpClientResponse from) {
    response = from;
    from.end().onSuccess(ended -> answered());
  }

  /** The gateway's answer has come to its end. */
  void answered() {
    answered = true;
  }

  /** The answer is complete for the client, and the gateway need not end it. */
  void abandon() {
    abandoned = true;
  }

  /** Reads on, for a client that has left and cannot slow the answer down. */
  void resume() {
    if (response != null) {
      response.resume();
    }
  }

  void reset() {
    request.reset();
  }

  /** Ends the request: a gateway that still works on it is stopped. */
  void end(boolean succeeded, boolean clientLeft) {
    if (!succeeded || !uploaded || abandoned || (clientLeft && !answered)) {
      request.reset();
      if (!answered) {
        // No other job may use the connection, so it was told to close.
        ConnectionClose.giveUp(request.connection());
      }
    }
  }
}
