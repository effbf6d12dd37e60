package io.naap.router.proxy;

import io.naap.router.workload.Job;

/**
 * Where one exchange stands, and what it does there when something ends it early. The states follow
 * one another: {@code Connecting -> Forwarded -> Answering -> Completing -> Ended}. A job in
 * several parts, and one whose answer names a recording, goes from {@code Answering} back to {@code
 * Forwarded}; {@code Ended} follows on any state and is final.
 */
sealed interface ExchangeState {
  /** No gateway has any of the job yet. */
  record Connecting() implements ExchangeState {}

  /** A gateway has the job, or its beginning, and has not answered. */
  record Forwarded(GatewayRequest to) implements ExchangeState {}

  /** A gateway's answer is being read. */
  record Answering(GatewayRequest to, GatewayAnswer answer) implements ExchangeState {}

  /** The whole answer is there and is looked through; the gateway's connection is done with. */
  record Completing(GatewayRequest to, GatewayAnswer answer) implements ExchangeState {}

  /** The job is recorded. */
  record Ended() implements ExchangeState {}

  /** Why an exchange ends before its answer does. */
  enum Interruption {
    /** The gateway closed or reset its connection, or sent what cannot be passed on. */
    GATEWAY_BROKE,
    /** The gateway did not send the next byte in time. */
    GATEWAY_LATE,
    /** The client does not send its body, or does not read its answer. */
    CLIENT_STALLED,
    /** This router stops. */
    ROUTER_STOPPING
  }

  /** What follows on a client that leaves. */
  enum OnClientLeft {
    /** The exchange is over already. */
    IGNORE,
    /** The gateway is stopped, and what was delivered is billed. */
    END,
    /** The gateway makes the one answer anyway, so it is waited for and billed as measured. */
    AWAIT_ANSWER
  }

  /** What follows on an interruption. */
  enum OnInterruption {
    /** The exchange is over, or has its whole answer. */
    IGNORE,
    /** The client has left: what is known is billed, else what was held. */
    BILL_HELD,
    /** The client has left: what the gateway delivered is billed. */
    BILL_DELIVERED,
    /** The client did not send its body in time: 408. */
    REFUSE_CLIENT_TIMEOUT,
    /** The gateway did not answer in time: 504. */
    REFUSE_GATEWAY_TIMEOUT,
    /** The gateway dropped the job: 503. */
    REFUSE_NO_CAPACITY,
    /** The router stops before it has answered: 503. */
    REFUSE_STOPPING,
    /** The answer has begun: it is cut short, and what was delivered is billed. */
    BREAK_OFF
  }

  default boolean isOver() {
    return this instanceof Ended;
  }

  /** True while late bytes matter: not before the exchange begins, nor when its answer is there. */
  default boolean hasDeadlines() {
    return switch (this) {
      case Connecting connecting -> true;
      case Forwarded forwarded -> true;
      case Answering answering -> true;
      case Completing completing -> false;
      case Ended ended -> false;
    };
  }

  /** The request that a gateway has, or null. */
  default GatewayRequest request() {
    return switch (this) {
      case Connecting connecting -> null;
      case Forwarded forwarded -> forwarded.to();
      case Answering answering -> answering.to();
      case Completing completing -> completing.to();
      case Ended ended -> null;
    };
  }

  /** The answer that is read or was read, or null. */
  default GatewayAnswer answer() {
    return switch (this) {
      case Connecting connecting -> null;
      case Forwarded forwarded -> null;
      case Answering answering -> answering.answer();
      case Completing completing -> completing.answer();
      case Ended ended -> null;
    };
  }

  /** True when the model has said all, whether the gateway has ended its answer or not. */
  default boolean hasSaidAll() {
    return this instanceof Answering answering && answering.answer().hasSaidAll();
  }

  /**
   * A gateway cannot be told to stop a job with one answer, and the operator pays for it: so that
   * answer is waited for. A stream stops when its client leaves.
   *
   * @param kind how the job is answered
   */
  default OnClientLeft onClientLeft(Job.Answer kind) {
    return switch (this) {
      case Connecting connecting -> OnClientLeft.END;
      case Forwarded forwarded -> leave(forwarded.to(), kind != Job.Answer.EVENTS);
      case Answering(GatewayRequest to, GatewayAnswer answer) ->
          leave(to, kind != Job.Answer.EVENTS && answer.isOne());
      case Completing completing -> leave(completing.to(), kind != Job.Answer.EVENTS);
      case Ended ended -> OnClientLeft.IGNORE;
    };
  }

  private static OnClientLeft leave(GatewayRequest to, boolean hasOneAnswer) {
    return to.isUploaded() && hasOneAnswer ? OnClientLeft.AWAIT_ANSWER : OnClientLeft.END;
  }

  /**
   * What follows when something ends the exchange before its answer does.
   *
   * @param clientLeft whether the client has left before
   * @param headWritten whether the client has the beginning of an answer
   */
  default OnInterruption onInterruption(Interruption why, boolean clientLeft, boolean headWritten) {
    return switch (this) {
      case Ended ended -> OnInterruption.IGNORE;
      case Completing completing ->
          why == Interruption.ROUTER_STOPPING
              ? interrupted(why, clientLeft, headWritten, false)
              : OnInterruption.IGNORE;
      case Answering answering ->
          interrupted(why, clientLeft, headWritten, answering.answer().hasBegun());
      case Connecting connecting -> interrupted(why, clientLeft, headWritten, false);
      case Forwarded forwarded -> interrupted(why, clientLeft, headWritten, false);
    };
  }

  private static OnInterruption interrupted(
      Interruption why, boolean clientLeft, boolean headWritten, boolean hasBegun) {
    if (clientLeft && why != Interruption.GATEWAY_BROKE) {
      return OnInterruption.BILL_HELD;
    }
    if (clientLeft && hasBegun) {
      return OnInterruption.BILL_DELIVERED;
    }
    if (headWritten) {
      return OnInterruption.BREAK_OFF;
    }
    return switch (why) {
      case GATEWAY_BROKE -> OnInterruption.REFUSE_NO_CAPACITY;
      case GATEWAY_LATE -> OnInterruption.REFUSE_GATEWAY_TIMEOUT;
      case CLIENT_STALLED -> OnInterruption.REFUSE_CLIENT_TIMEOUT;
      case ROUTER_STOPPING -> OnInterruption.REFUSE_STOPPING;
    };
  }

  /**
   * Whose fault it is that the next byte is late. A gateway is not to blame for a client that does
   * not send, or does not read.
   *
   * @param headWritten whether the client has the beginning of an answer
   * @param clientIsFull whether what was written to the client waits to be read
   */
  default Interruption late(boolean headWritten, boolean clientIsFull) {
    GatewayRequest to = request();
    boolean stalled = headWritten ? clientIsFull : to != null && to.waitsForClient();
    return stalled ? Interruption.CLIENT_STALLED : Interruption.GATEWAY_LATE;
  }
}
