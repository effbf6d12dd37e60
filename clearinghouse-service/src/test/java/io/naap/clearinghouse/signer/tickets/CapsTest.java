package io.naap.clearinghouse.signer.tickets;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.signer.config.SignerSettings;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import java.math.BigInteger;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CapsTest {
  private static final String ORCHESTRATOR = "0x" + "ab".repeat(20);
  private static final Instant NOW = Instant.parse("2026-11-25T09:59:59Z");
  private static final SignerCaller TENANT =
      new SignerCaller("sdk", Optional.empty(), Optional.of("ten_x"), "standard");
  private static final SignerCaller GATEWAY =
      new SignerCaller("gateway-a", Optional.of("gateway-live"), Optional.empty(), "standard");

  private final SignerConfig config = SignerSettings.with(Map.of());

  @Test
  void everyCapIsReachedExactlyAndPassedByNotOneWei() {
    Caps caps = new Caps(config);
    for (Caps.Window window : Caps.windows(TENANT, ORCHESTRATOR, NOW)) {
      BigInteger cap = cap(window);
      Map<Caps.Window, BigInteger> spent =
          new HashMap<>(Map.of(window, cap.subtract(BigInteger.TEN)));

      assertThat(caps.passed(List.of(window), spent, BigInteger.TEN)).isEmpty();
      assertThat(caps.passed(List.of(window), spent, BigInteger.valueOf(11))).contains(window);
    }
  }

  @Test
  void aTenantCountsOnFourCapsAndAGatewayOnThree() {
    assertThat(scopes(TENANT)).containsExactly("caller", "tenant", "orchestrator", "platform");
    assertThat(scopes(GATEWAY)).containsExactly("caller", "orchestrator", "platform");
  }

  @Test
  void anHourAndADayBeginAnewInUtc() {
    Instant midnight = Instant.parse("2026-11-26T00:00:00Z");
    assertThat(Caps.windows(GATEWAY, ORCHESTRATOR, NOW))
        .doesNotContainAnyElementsOf(Caps.windows(GATEWAY, ORCHESTRATOR, midnight));
    assertThat(Caps.windows(GATEWAY, ORCHESTRATOR, NOW).stream().map(Caps.Window::startsAt))
        .contains(Instant.parse("2026-11-25T09:00:00Z"), Instant.parse("2026-11-25T00:00:00Z"));
  }

  private static List<String> scopes(SignerCaller caller) {
    return Caps.windows(caller, ORCHESTRATOR, NOW).stream()
        .map(window -> window.scope().wireName())
        .distinct()
        .toList();
  }

  private BigInteger cap(Caps.Window window) {
    return switch (window.scope().wireName() + " " + window.span().wireName()) {
      case "caller hour" -> config.maxHourlyEv();
      case "caller day" -> config.maxDailyEv();
      case "tenant hour" -> config.maxTenantHourlyEv();
      case "tenant day" -> config.maxTenantDailyEv();
      case "orchestrator hour" -> config.maxOrchestratorHourlyEv();
      case "orchestrator day" -> config.maxOrchestratorDailyEv();
      case "platform hour" -> config.maxPlatformHourlyEv();
      default -> config.maxPlatformDailyEv();
    };
  }
}
