package io.naap.clearinghouse.signer;

import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What may be signed at most, by caller, tenant, orchestrator and altogether, in a UTC hour and a
 * UTC day. Plain arithmetic; {@link TicketTable} holds the rows it runs on.
 */
final class Caps {
  /** A cap's row. */
  record Window(String scope, String subject, String span, Instant startsAt) {
    /** The order in which rows are locked. */
    static final Comparator<Window> ORDER =
        Comparator.comparing(Window::scope)
            .thenComparing(Window::subject)
            .thenComparing(Window::span)
            .thenComparing(Window::startsAt);
  }

  private final SignerConfig config;

  Caps(SignerConfig config) {
    this.config = config;
  }

  /** The rows a payment counts on. */
  static List<Window> windows(SignerCaller caller, String orchestrator, Instant now) {
    Instant hour = now.truncatedTo(ChronoUnit.HOURS);
    Instant day = now.truncatedTo(ChronoUnit.DAYS);
    List<Window> windows = new ArrayList<>();
    add(windows, "caller", caller.name(), hour, day);
    caller.tenant().ifPresent(tenant -> add(windows, "tenant", tenant, hour, day));
    add(windows, "orchestrator", orchestrator, hour, day);
    add(windows, "platform", "", hour, day);
    return windows;
  }

  private static void add(
      List<Window> windows, String scope, String subject, Instant hour, Instant day) {
    windows.add(new Window(scope, subject, "hour", hour));
    windows.add(new Window(scope, subject, "day", day));
  }

  /** The first cap that so much more would pass, in words; null for none. */
  String passed(List<Window> windows, Map<Window, BigInteger> spent, BigInteger more) {
    for (Window window : windows) {
      BigInteger after = spent.getOrDefault(window, BigInteger.ZERO).add(more);
      if (after.compareTo(cap(window)) > 0) {
        return window.scope() + " " + window.span();
      }
    }
    return null;
  }

  BigInteger cap(Window window) {
    boolean hour = "hour".equals(window.span());
    return switch (window.scope()) {
      case "caller" -> hour ? config.maxHourlyEv() : config.maxDailyEv();
      case "tenant" -> hour ? config.maxTenantHourlyEv() : config.maxTenantDailyEv();
      case "orchestrator" ->
          hour ? config.maxOrchestratorHourlyEv() : config.maxOrchestratorDailyEv();
      default -> hour ? config.maxPlatformHourlyEv() : config.maxPlatformDailyEv();
    };
  }
}
