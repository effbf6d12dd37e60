package io.naap.router.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.router.proxy.ExchangeState.Answering;
import io.naap.router.proxy.ExchangeState.Completing;
import io.naap.router.proxy.ExchangeState.Forwarded;
import io.naap.router.proxy.ExchangeState.Interruption;
import io.naap.router.proxy.ExchangeState.OnClientLeft;
import io.naap.router.proxy.ExchangeState.OnInterruption;
import io.naap.router.workload.Job;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExchangeStateTest {
  private static final ExchangeState CONNECTING = new ExchangeState.Connecting();
  private static final ExchangeState ENDED = new ExchangeState.Ended();

  /** An answer of which only these facts matter. */
  private record Answer(boolean isOne, boolean hasBegun, boolean hasSaidAll)
      implements GatewayAnswer {
    @Override
    public void read(HttpClientResponse from) {}
  }

  private static final Answer ONE = new Answer(true, false, false);
  private static final Answer BEGUN = new Answer(false, true, false);
  private static final Answer STREAM = new Answer(false, false, false);

  /** A gateway that has the whole body. */
  private static GatewayRequest uploaded() {
    GatewayRequest to = new GatewayRequest(null, 0);
    to.uploaded();
    return to;
  }

  /** A gateway that has a part of the body. */
  private static GatewayRequest uploading(boolean gatewayIsFull) {
    return new GatewayRequest(
        (HttpClientRequest)
            Proxy.newProxyInstance(
                ExchangeStateTest.class.getClassLoader(),
                new Class<?>[] {HttpClientRequest.class},
                (proxy, method, args) -> gatewayIsFull),
        0);
  }

  @Test
  void anAnswerIsAwaitedThatTheGatewayMakesAnyway() {
    for (ExchangeState state :
        List.of(
            new Forwarded(uploaded()),
            new Answering(uploaded(), ONE),
            new Completing(uploaded(), ONE))) {
      assertThat(state.onClientLeft(Job.Answer.JSON)).isEqualTo(OnClientLeft.AWAIT_ANSWER);
      assertThat(state.onClientLeft(Job.Answer.EVENTS)).isEqualTo(OnClientLeft.END);
    }
  }

  @Test
  void aStreamEndsWhenItsClientLeaves() {
    assertThat(new Answering(uploaded(), STREAM).onClientLeft(Job.Answer.LANGUAGE))
        .isEqualTo(OnClientLeft.END);
    assertThat(new Answering(uploaded(), BEGUN).onClientLeft(Job.Answer.THROUGH))
        .isEqualTo(OnClientLeft.END);
  }

  @Test
  void aJobEndsWhoseClientLeavesBeforeTheGatewayHasAll() {
    assertThat(CONNECTING.onClientLeft(Job.Answer.JSON)).isEqualTo(OnClientLeft.END);
    assertThat(new Forwarded(uploading(false)).onClientLeft(Job.Answer.JSON))
        .isEqualTo(OnClientLeft.END);
    assertThat(ENDED.onClientLeft(Job.Answer.JSON)).isEqualTo(OnClientLeft.IGNORE);
  }

  @ParameterizedTest
  @EnumSource(Interruption.class)
  void nothingInterruptsAnExchangeThatIsOver(Interruption why) {
    assertThat(ENDED.onInterruption(why, false, true)).isEqualTo(OnInterruption.IGNORE);
    assertThat(ENDED.hasDeadlines()).isFalse();
  }

  @Test
  void onlyAStoppingRouterInterruptsAWholeAnswer() {
    ExchangeState completing = new Completing(uploaded(), ONE);

    assertThat(completing.onInterruption(Interruption.GATEWAY_BROKE, false, false))
        .isEqualTo(OnInterruption.IGNORE);
    assertThat(completing.onInterruption(Interruption.ROUTER_STOPPING, false, false))
        .isEqualTo(OnInterruption.REFUSE_STOPPING);
    assertThat(completing.onInterruption(Interruption.ROUTER_STOPPING, true, false))
        .isEqualTo(OnInterruption.BILL_HELD);
    assertThat(completing.hasDeadlines()).isFalse();
  }

  @Test
  void aClientIsRefusedThatHasNothingOfAnAnswer() {
    ExchangeState forwarded = new Forwarded(uploaded());

    assertThat(forwarded.onInterruption(Interruption.GATEWAY_BROKE, false, false))
        .isEqualTo(OnInterruption.REFUSE_NO_CAPACITY);
    assertThat(forwarded.onInterruption(Interruption.GATEWAY_LATE, false, false))
        .isEqualTo(OnInterruption.REFUSE_GATEWAY_TIMEOUT);
    assertThat(forwarded.onInterruption(Interruption.CLIENT_STALLED, false, false))
        .isEqualTo(OnInterruption.REFUSE_CLIENT_TIMEOUT);
    assertThat(CONNECTING.onInterruption(Interruption.ROUTER_STOPPING, false, false))
        .isEqualTo(OnInterruption.REFUSE_STOPPING);
  }

  @ParameterizedTest
  @EnumSource(Interruption.class)
  void anAnswerThatHasBegunBreaksOff(Interruption why) {
    assertThat(new Answering(uploaded(), BEGUN).onInterruption(why, false, true))
        .isEqualTo(OnInterruption.BREAK_OFF);
  }

  @Test
  void aClientThatLeftIsBilledWhatIsKnownOrWhatWasHeld() {
    ExchangeState begun = new Answering(uploaded(), BEGUN);
    ExchangeState forwarded = new Forwarded(uploaded());

    assertThat(begun.onInterruption(Interruption.GATEWAY_BROKE, true, true))
        .isEqualTo(OnInterruption.BILL_DELIVERED);
    assertThat(begun.onInterruption(Interruption.GATEWAY_LATE, true, true))
        .isEqualTo(OnInterruption.BILL_HELD);
    assertThat(forwarded.onInterruption(Interruption.ROUTER_STOPPING, true, false))
        .isEqualTo(OnInterruption.BILL_HELD);
    assertThat(forwarded.onInterruption(Interruption.GATEWAY_BROKE, true, false))
        .isEqualTo(OnInterruption.REFUSE_NO_CAPACITY);
  }

  @Test
  void aGatewayIsNotToBlameForAClientThatDoesNotSendOrRead() {
    assertThat(new Forwarded(uploading(false)).late(false, false))
        .isEqualTo(Interruption.CLIENT_STALLED);
    assertThat(new Forwarded(uploading(true)).late(false, false))
        .isEqualTo(Interruption.GATEWAY_LATE);
    assertThat(new Answering(uploaded(), BEGUN).late(true, true))
        .isEqualTo(Interruption.CLIENT_STALLED);
    assertThat(new Answering(uploaded(), BEGUN).late(true, false))
        .isEqualTo(Interruption.GATEWAY_LATE);
    assertThat(CONNECTING.late(false, false)).isEqualTo(Interruption.GATEWAY_LATE);
  }

  @Test
  void aModelHasSaidAllWhileItsAnswerIsReadOnly() {
    Answer all = new Answer(false, false, true);

    assertThat(new Answering(uploaded(), all).hasSaidAll()).isTrue();
    assertThat(new Answering(uploaded(), STREAM).hasSaidAll()).isFalse();
    assertThat(new Forwarded(uploaded()).hasSaidAll()).isFalse();
  }
}
