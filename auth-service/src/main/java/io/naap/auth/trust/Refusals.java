package io.naap.auth.trust;

import io.naap.auth.token.TokenConfig;
import io.naap.contracts.identity.TrustDocument;
import io.naap.store.Tx;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;

/** Refuses tokens before they expire. All methods run in the caller's transaction. */
@ApplicationScoped
public class Refusals {
  private final Clock clock;
  private final TokenConfig config;

  Refusals(Clock clock, TokenConfig config) {
    this.clock = clock;
    this.config = config;
  }

  /**
   * Refuses all tokens of a subject, of any age.
   *
   * @param subject built by {@link io.naap.contracts.identity.Subject}
   */
  public void refuseAll(Tx tx, String subject) {
    refuse(tx, subject, TrustDocument.FOR_EVER);
  }

  /**
   * Refuses the existing tokens of a subject; tokens issued from the next second on are accepted.
   * Times in tokens are whole seconds, so a new token of the current second could not be told from
   * an old one.
   *
   * @return the first second whose tokens are accepted
   */
  public Instant refuseUntilNow(Tx tx, String subject) {
    long next = clock.instant().getEpochSecond() + 1;
    refuse(tx, subject, next);
    return Instant.ofEpochSecond(next);
  }

  /** Does the same as {@link #refuseAll(Tx, String)} in the open session of Hibernate Reactive. */
  public Uni<Void> refuseAll(String subject) {
    return refuse(subject, TrustDocument.FOR_EVER);
  }

  /** Does the same as {@link #refuseUntilNow(Tx, String)} in the open session. */
  public Uni<Void> refuseUntilNow(String subject) {
    return refuse(subject, clock.instant().getEpochSecond() + 1);
  }

  private Uni<Void> refuse(String subject, long notBefore) {
    Instant now = clock.instant();
    return Panache.getSession()
        .flatMap(
            session ->
                session
                    .createNativeQuery("delete from refusals where drop_after < :now")
                    .setParameter("now", now)
                    .executeUpdate()
                    .chain(
                        () ->
                            session
                                .createNativeQuery(
                                    """
                                    insert into refusals (subject, not_before, drop_after)
                                    values (:subject, :before, :drop)
                                    on conflict (subject) do update set
                                      not_before = greatest(refusals.not_before, excluded.not_before),
                                      drop_after = greatest(refusals.drop_after, excluded.drop_after)""")
                                .setParameter("subject", subject)
                                .setParameter("before", notBefore)
                                .setParameter("drop", dropAfter(now))
                                .executeUpdate()))
        .replaceWithVoid();
  }

  private Instant dropAfter(Instant now) {
    return now.plus(config.longestLife()).plusSeconds(60);
  }

  /** The earliest issue time that a new token of a subject may carry. */
  public Instant notBefore(Tx tx, String subject, Instant now) {
    return tx.one("select not_before from refusals where subject = $1", subject)
        .map(row -> row.getLong("not_before"))
        .filter(second -> second != TrustDocument.FOR_EVER && second > now.getEpochSecond())
        .map(Instant::ofEpochSecond)
        .orElse(now);
  }

  private void refuse(Tx tx, String subject, long notBefore) {
    Instant now = clock.instant();
    tx.change("delete from refusals where drop_after < $1", now.atOffset(ZoneOffset.UTC));
    tx.change(
        """
        insert into refusals (subject, not_before, drop_after) values ($1, $2, $3)
        on conflict (subject) do update set
          not_before = greatest(refusals.not_before, excluded.not_before),
          drop_after = greatest(refusals.drop_after, excluded.drop_after)""",
        subject,
        notBefore,
        dropAfter(now).atOffset(ZoneOffset.UTC));
  }
}
