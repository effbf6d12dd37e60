package io.naap.clearinghouse.signer.tickets;

import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The highest expected value that may be signed for a caller, a tenant, an orchestrator and the
 * platform in a UTC hour and a UTC day. Arithmetic only; {@link TicketTable} reads and writes the
 * rows.
 */
final class Caps {
  /** Whose spending a cap bounds. */
  enum Scope {
    CALLER,
    TENANT,
    ORCHESTRATOR,
    PLATFORM;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Scope of(String wireName) {
      return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
  }

  /** How long a cap's window is. */
  enum Span {
    HOUR(ChronoUnit.HOURS),
    DAY(ChronoUnit.DAYS);

    private final ChronoUnit unit;

    Span(ChronoUnit unit) {
      this.unit = unit;
    }

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Span of(String wireName) {
      return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
  }

  /** The key of a row of {@code signer_spend}. */
  record Window(Scope scope, String subject, Span span, Instant startsAt) {
    /** The order in which rows are locked, the same as in the SQL. */
    static final Comparator<Window> ORDER =
        Comparator.comparing((Window window) -> window.scope.wireName())
            .thenComparing(Window::subject)
            .thenComparing(window -> window.span.wireName())
            .thenComparing(Window::startsAt);
  }

  private final SignerConfig config;

  Caps(SignerConfig config) {
    this.config = config;
  }

  /** The windows in which a payment counts. */
  static List<Window> windows(SignerCaller caller, String orchestrator, Instant now) {
    List<Window> windows = new ArrayList<>(8);
    add(windows, Scope.CALLER, caller.name(), now);
    caller.tenant().ifPresent(tenant -> add(windows, Scope.TENANT, tenant, now));
    add(windows, Scope.ORCHESTRATOR, orchestrator, now);
    add(windows, Scope.PLATFORM, "", now);
    return windows;
  }

  private static void add(List<Window> windows, Scope scope, String subject, Instant now) {
    windows.add(new Window(scope, subject, Span.HOUR, now.truncatedTo(Span.HOUR.unit)));
    windows.add(new Window(scope, subject, Span.DAY, now.truncatedTo(Span.DAY.unit)));
  }

  /** The first window whose cap the additional value would pass. */
  Optional<Window> passed(List<Window> windows, Map<Window, BigInteger> spent, BigInteger more) {
    for (Window window : windows) {
      BigInteger after = spent.getOrDefault(window, BigInteger.ZERO).add(more);
      if (after.compareTo(cap(window)) > 0) {
        return Optional.of(window);
      }
    }
    return Optional.empty();
  }

  BigInteger cap(Window window) {
    boolean hour = window.span() == Span.HOUR;
    return switch (window.scope()) {
      case CALLER -> hour ? config.maxHourlyEv() : config.maxDailyEv();
      case TENANT -> hour ? config.maxTenantHourlyEv() : config.maxTenantDailyEv();
      case ORCHESTRATOR ->
          hour ? config.maxOrchestratorHourlyEv() : config.maxOrchestratorDailyEv();
      case PLATFORM -> hour ? config.maxPlatformHourlyEv() : config.maxPlatformDailyEv();
    };
  }
}
