package io.naap.clearinghouse.signer.tickets;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.signer.config.SignerSettings;
import io.naap.clearinghouse.signer.killswitch.ActiveStops;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import java.math.BigInteger;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PaymentRulesTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
  private static final SignerCaller CALLER = SamplePayments.gateway("gateway-a");
  private static final SamplePayments.Value TEN = new SamplePayments.Value("orchestrator", 2, 10);

  private final SignerConfig config =
      SignerSettings.with(Map.of("max-session-ev", "25", "max-hourly-ev", "100"));
  private final Map<String, PaymentRules.Session> sessions = new HashMap<>();
  private final Map<ByteString, Integer> nonces = new HashMap<>();
  private final Map<Caps.Window, BigInteger> spent = new HashMap<>();
  private Set<String> stops = Set.of();

  private CommitResult decide(PaymentToRecord payment) {
    nonces.putIfAbsent(payment.recipientRandHash(), 0);
    return new PaymentRules(
            config,
            new PaymentRules.State(
                new ActiveStops(stops), sessions, nonces, spent, account -> BigInteger.ZERO))
        .decide(payment);
  }

  private static PaymentToRecord payment(String session, long sequence, String secret) {
    return SamplePayments.payment(CALLER, session, sequence, secret, TEN, NOW);
  }

  private static String reason(CommitResult result) {
    return ((CommitResult.Refused) result).refusal().reason();
  }

  @Test
  void grantsTheNextNoncesUnderASecret() {
    CommitResult first = decide(payment("s1", 0, "a"));
    CommitResult second = decide(payment("s2", 0, "a"));

    assertThat(((CommitResult.Granted) first).batch().firstNonce()).isEqualTo(1);
    assertThat(((CommitResult.Granted) second).batch().firstNonce()).isEqualTo(3);
    assertThat(((CommitResult.Granted) second).batch().state()).contains("\"SenderNonce\":4");
  }

  @Test
  void aStateLeadsToOnePayment() {
    decide(payment("s", 0, "a"));
    CommitResult second = decide(payment("s", 1, "b"));

    CommitResult again = decide(payment("s", 1, "c"));

    assertThat(again).isEqualTo(new CommitResult.Repeated(((CommitResult.Granted) second).batch()));
    assertThat(nonces.get(SamplePayments.secret("c"))).isZero();
  }

  @Test
  void refusesAnOlderStateThanTheLast() {
    sessions.put("s", new PaymentRules.Session("gateway-a", 5, BigInteger.ZERO, null));

    assertThat(reason(decide(payment("s", 3, "a")))).isEqualTo("state_used");
  }

  @Test
  void refusesAnUnknownStateAndOneOfAnotherCaller() {
    sessions.put("other", new PaymentRules.Session("gateway-b", 0, BigInteger.ZERO, null));

    assertThat(reason(decide(payment("new", 1, "a")))).isEqualTo("state_unknown");
    assertThat(reason(decide(payment("other", 1, "a")))).isEqualTo("state_of_another");
  }

  @Test
  void asksForFreshParametersBeforeNonceSixHundredAndOne() {
    nonces.put(SamplePayments.secret("full"), 599);
    nonces.put(SamplePayments.secret("room"), 598);

    assertThat(reason(decide(payment("s1", 0, "full")))).isEqualTo("nonces_used_up");
    assertThat(decide(payment("s2", 0, "room"))).isInstanceOf(CommitResult.Granted.class);
  }

  @Test
  void aSessionSpendsUpToItsCap() {
    decide(payment("s", 0, "a"));
    decide(payment("s", 1, "b"));

    assertThat(reason(decide(payment("s", 2, "c")))).isEqualTo("session_cap");
  }

  @Test
  void paymentsDecidedTogetherShareACap() {
    for (int at = 0; at < 10; at++) {
      assertThat(decide(payment("s" + at, 0, "a" + at))).isInstanceOf(CommitResult.Granted.class);
    }

    assertThat(reason(decide(payment("s10", 0, "a10")))).isEqualTo("cap_caller_hour");
  }

  @Test
  void aKillSwitchStopsWhomItNamesAndNobodyElse() {
    stops = Set.of("caller:gateway-b");
    assertThat(decide(payment("s1", 0, "a"))).isInstanceOf(CommitResult.Granted.class);

    stops = Set.of("caller:gateway-a");
    assertThat(reason(decide(payment("s2", 0, "b")))).isEqualTo("stopped");

    stops = Set.of("platform:");
    assertThat(reason(decide(payment("s3", 0, "c")))).isEqualTo("stopped");
    assertThat(sessions).containsOnlyKeys("s1");
  }
}
