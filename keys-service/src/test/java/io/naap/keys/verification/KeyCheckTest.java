package io.naap.keys.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.secret.Secret;
import io.naap.keys.config.KeysConfig;
import io.naap.keys.metrics.KeysMetrics;
import io.naap.keys.pepper.Peppers;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyCheckTest {
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  private final List<String> asked = new ArrayList<>();
  private Optional<StoredSecret> stored = Optional.empty();

  @Test
  void asksNothingForAMistypedKey() {
    KeyCheck check = check(new Settings(1, Map.of()));
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      String key = ApiKey.generate("live", random).reveal();
      int at = random.nextInt(key.length());
      char other = DIGITS.charAt(random.nextInt(62));
      String mistyped = key.substring(0, at) + other + key.substring(at + 1);
      if (!mistyped.equals(key)) {
        assertThat(check.use(mistyped).await().indefinitely())
            .isEqualTo(new Checked.Bad("malformed"));
      }
    }
    check.use(null).await().indefinitely();
    check.use("naap_live_").await().indefinitely();

    assertThat(asked).isEmpty();
  }

  @Test
  void asksOnceForEveryWellFormedKeyWhateverIsWrongWithIt() {
    ApiKey key = ApiKey.generate("live", new Random(1));
    KeyCheck check = check(new Settings(1, Map.of()));
    Peppers peppers = new Peppers(new Settings(1, Map.of()));
    stored = Optional.of(secret(key, peppers, 1, "live", true));
    assertThat(check.use(key.reveal()).await().indefinitely()).isInstanceOf(Checked.Good.class);

    ApiKey otherSecret =
        new ApiKey("live", key.id(), ApiKey.generate("live", new Random(2)).secret());
    assertThat(reason(check, otherSecret)).isEqualTo("wrong");
    assertThat(reason(check, new ApiKey("test", key.id(), key.secret()))).isEqualTo("wrong");
    stored = Optional.of(secret(key, peppers, 1, "live", false));
    assertThat(reason(check, key)).isEqualTo("ended");
    stored = Optional.of(secret(key, peppers, 9, "live", true));
    assertThat(reason(check, key)).isEqualTo("pepper_gone");
    stored = Optional.empty();
    assertThat(reason(check, key)).isEqualTo("unknown");

    assertThat(asked).hasSize(6).containsOnly(key.id());
  }

  @Test
  void verifiesUnderAnOldPepperUntilItIsTakenAway() {
    ApiKey key = ApiKey.generate("live", new Random(1));
    stored = Optional.of(secret(key, new Peppers(new Settings(1, Map.of())), 1, "live", true));

    Checked kept =
        check(new Settings(2, Map.of(1, pepper(1)))).use(key.reveal()).await().indefinitely();
    Checked gone = check(new Settings(2, Map.of())).use(key.reveal()).await().indefinitely();

    assertThat(kept).isInstanceOf(Checked.Good.class);
    assertThat(gone).isEqualTo(new Checked.Bad("pepper_gone"));
  }

  private String reason(KeyCheck check, ApiKey key) {
    return switch (check.use(key.reveal()).await().indefinitely()) {
      case Checked.Good good -> "good";
      case Checked.Ended ended -> "ended";
      case Checked.Bad bad -> bad.reason();
    };
  }

  private static StoredSecret secret(
      ApiKey key, Peppers peppers, int version, String mode, boolean isUsable) {
    byte[] hash = peppers.hash(1, key.secret()).orElseThrow();
    return new StoredSecret(
        key.id(),
        HexFormat.of().formatHex(hash),
        version,
        mode,
        isUsable,
        isUsable,
        new KeyProfile(
            "key_1",
            "ten_1",
            "a",
            List.of(),
            new KeyProfile.Scope(Optional.empty(), List.of(), List.of(), List.of(), List.of()),
            new KeyProfile.Expiry(Optional.empty(), Optional.empty()),
            new KeyProfile.Limits(KeyLimits.NONE, KeyLimits.NONE),
            new KeyProfile.Freshness(1, 30)));
  }

  private KeyCheck check(KeysConfig config) {
    KeyLookup counting =
        id -> {
          asked.add(id);
          return Uni.createFrom().item(stored);
        };
    Peppers peppers = new Peppers(config);
    return new KeyCheck(
        counting,
        peppers,
        new KeyUses(null, null, Clock.systemUTC(), config, peppers),
        new KeysMetrics(new SimpleMeterRegistry()));
  }

  private static Secret pepper(int version) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) version;
    return Secret.of(Base64.getEncoder().encodeToString(bytes));
  }

  private record Settings(int pepperVersion, Map<Integer, Secret> oldPeppers)
      implements KeysConfig {
    @Override
    public Secret pepper() {
      return KeyCheckTest.pepper(pepperVersion);
    }

    @Override
    public int profileTtlSeconds() {
      return 30;
    }

    @Override
    public long rotationOverlapMaxSeconds() {
      return 60;
    }

    @Override
    public Duration storeUsesEvery() {
      return Duration.ofSeconds(1);
    }

    @Override
    public long keysPerTenantMax() {
      return 10;
    }
  }
}
