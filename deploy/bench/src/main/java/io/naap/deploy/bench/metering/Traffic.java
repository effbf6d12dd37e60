package io.naap.deploy.bench.metering;

import java.time.Instant;
import java.util.SplittableRandom;

/** Usage events as routers write them, and what they must cost, computed here and nowhere else. */
final class Traffic {
  /** How many tenants there are. */
  static final int TENANTS = 200;

  static final String PLAN = "pln_01kaq3v7g8e2nb0p4m6r9t1x5z@1";
  static final String INSTANCE = "router-bench:1";
  private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

  private static final String TENANT_PREFIX = "ten_01kaq3v7g8";

  private final String prefix;
  private final String instance;
  private final int tenants;
  private final SplittableRandom random;
  private long position;

  Traffic(int tenants, long seed) {
    this(tenants, seed, TENANT_PREFIX);
  }

  /** Of tenants whose ids begin as told. */
  Traffic(int tenants, long seed, String prefix) {
    this.prefix = prefix;
    this.instance = prefix.equals(TENANT_PREFIX) ? INSTANCE : "router-" + prefix;
    this.tenants = tenants;
    this.random = new SplittableRandom(seed);
  }

  /**
   * One event.
   *
   * @param tenant its number
   * @param nanos what it must cost
   */
  record Event(String requestId, int tenant, String json, long nanos) {
    String eventId() {
      return requestId + "-0";
    }
  }

  static String tenant(int number) {
    return TENANT_PREFIX + "%016d".formatted(number);
  }

  String tenantId(int number) {
    return prefix + "%016d".formatted(number);
  }

  static String key(int number) {
    return "key_01kaq3v7g8%016d".formatted(number);
  }

  /** A job that ended at an instant; its id is of that instant too. */
  Event next(Instant at) {
    int tenant = random.nextInt(tenants);
    int kind = random.nextInt(4);
    long amount = 1L + random.nextInt(2_000_000);
    String capability;
    String units;
    long nanos;
    switch (kind) {
      case 0 -> {
        capability = "text-to-image";
        units = "{\"requests\":1,\"pixels\":%d,\"generations\":1}".formatted(amount);
        // 0.001 a request, 0.004 a million pixels: four nano-dollars a pixel.
        nanos = 1_000_000 + 4 * amount;
      }
      case 1 -> {
        capability = "llm";
        units = "{\"requests\":1,\"tokens_in\":%d,\"tokens_out\":%d}".formatted(amount, amount / 2);
        nanos = 200 * amount + 600 * (amount / 2);
      }
      case 2 -> {
        capability = "live-video-to-video";
        units = "{\"milliseconds\":%d}".formatted(amount);
        nanos = halfEven(amount * 50_000_000, 60_000);
      }
      default -> {
        capability = "text-to-speech";
        units = "{\"requests\":1,\"characters\":%d}".formatted(amount);
        nanos = 15_000 * amount;
      }
    }
    String requestId = requestId(at);
    String json =
        """
        {"event_id":"%1$s-0","request_id":"%1$s","sequence":0,"instance":"%2$s","spool_position":%3$d,"opened_at":"%4$s",\
        "occurred_at":"%4$s","tenant_id":"%5$s","key_id":"%6$s","tags":[],"capability":"%7$s","model":"bench/model-%8$d",\
        "tier":"standard","pool":"default","gateway":"gateway-a","status":200,"outcome":"succeeded","units":%9$s,\
        "plan":"%10$s","funding_id":null,"estimated_cost":{"amount":"0.00","currency":"USD"},"latency_millis":20}"""
            .formatted(
                requestId,
                instance,
                ++position,
                at,
                tenantId(tenant),
                key(tenant * 2 + random.nextInt(2)),
                capability,
                random.nextInt(2),
                units,
                PLAN);
    return new Event(requestId, tenant, json, nanos);
  }

  private static long halfEven(long value, long divisor) {
    long floor = value / divisor;
    long twice = value % divisor * 2;
    return twice > divisor || (twice == divisor && floor % 2 == 1) ? floor + 1 : floor;
  }

  private String requestId(Instant at) {
    StringBuilder id = new StringBuilder(prefix(at));
    for (int digit = 0; digit < 16; digit++) {
      id.append(DIGITS.charAt(random.nextInt(32)));
    }
    return id.toString();
  }

  /** How ids of requests of a millisecond begin. */
  static String prefix(Instant at) {
    StringBuilder id = new StringBuilder("req_");
    long millis = at.toEpochMilli();
    for (int digit = 9; digit >= 0; digit--) {
      id.append(DIGITS.charAt((int) (millis >>> (5 * digit) & 31)));
    }
    return id.toString();
  }
}
