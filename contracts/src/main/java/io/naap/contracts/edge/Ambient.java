package io.naap.contracts.edge;

import io.naap.contracts.ids.Ids;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.random.RandomGenerator;

/**
 * Produces the clock, the randomness and the id generator, so that all other code takes them as
 * arguments.
 */
@ApplicationScoped
public class Ambient {
  @Produces
  @Singleton
  @DefaultBean
  Clock clock() {
    return Clock.systemUTC();
  }

  @Produces
  @Singleton
  @DefaultBean
  RandomGenerator random() {
    return new SecureRandom();
  }

  @Produces
  @Singleton
  @DefaultBean
  Ids ids(Clock clock, RandomGenerator random) {
    return new Ids(clock, random);
  }
}
