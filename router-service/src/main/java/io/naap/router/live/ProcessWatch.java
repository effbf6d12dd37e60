package io.naap.router.live;

import io.naap.contracts.problem.Refusal;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/**
 * Looks after BYOC streams, for which gateways send no heartbeats: every {@code naap.live.watch}
 * one router asks a stream's gateway whether it still has the stream. If so, the router bills the
 * stretch and renews the hold, or stops the stream at its gateway. A stream that has ended here is
 * asked to stop until its gateway does not have it any more.
 */
@Singleton
class ProcessWatch {
  private static final Logger LOG = Logger.getLogger(ProcessWatch.class);

  /** Pages of streams that are looked at in one go: each stream is a request to its gateway. */
  private static final int MOST_PAGES = 10;

  private final LiveStreams streams;
  private final LiveSessions sessions;
  private final GatewayCalls gateways;
  private final LiveConfig config;
  private final Vertx vertx;
  private volatile boolean stopped;

  ProcessWatch(
      LiveStreams streams,
      LiveSessions sessions,
      GatewayCalls gateways,
      LiveConfig config,
      Vertx vertx) {
    this.streams = streams;
    this.sessions = sessions;
    this.gateways = gateways;
    this.config = config;
    this.vertx = vertx;
  }

  void start(@Observes StartupEvent started) {
    vertx.setPeriodic(
        Math.max(100, config.watch().toMillis() / 4),
        timer -> {
          if (!stopped) {
            look(MOST_PAGES);
          }
        });
  }

  /** Looks at the streams that are due, page by page. */
  private void look(int pages) {
    sessions
        .due(config.watch().toMillis())
        .onSuccess(
            names -> {
              names.forEach(this::look);
              if (names.size() >= LiveSessions.PAGE && pages > 1) {
                look(pages - 1);
              }
            })
        .onFailure(failure -> LOG.debugf(failure, "BYOC streams not looked at"));
  }

  void stop(@Observes ShutdownEvent ending) {
    stopped = true;
  }

  /** From now on the stream is billed and looked after. */
  Future<Void> begin(LiveSession session) {
    return sessions
        .watch(session.streamId(), config.watch().toMillis())
        // The gateway's webhook may have begun the stream already.
        .compose(watched -> streams.mayGoOn(session))
        .mapEmpty();
  }

  /** Stops a stream at its gateway that failed to begin here and may have begun there. */
  void abandon(LiveSession session, String name) {
    sessions
        .locate(session.streamId(), name)
        .compose(known -> sessions.watch(session.streamId(), 0))
        .onFailure(failure -> LOG.debugf(failure, "BYOC stream not looked after"));
  }

  /** Stops a stream at its gateway, which is asked again until it answers. */
  Future<Void> stop(LiveSession session) {
    return name(session).compose(name -> stop(session, name)).otherwiseEmpty();
  }

  Future<Void> stop(LiveSession session, String name) {
    return gateways
        .ask(
            session.gateway(),
            GatewayCalls.Question.post(
                "/process/stream/" + name + "/stop", "application/json", Buffer.buffer("{}")))
        .<Void>mapEmpty()
        .otherwiseEmpty();
  }

  /** A path of the stream at its gateway. */
  Future<String> uri(LiveSession session, String last) {
    return name(session).map(name -> "/process/stream/" + name + "/" + last);
  }

  /** The gateway's name for a stream. */
  private Future<String> name(LiveSession session) {
    return sessions
        .location(session.streamId())
        .map(found -> found.orElseThrow(() -> Refusal.notFound("running stream").raise()));
  }

  private void look(String streamId) {
    var unused =
        sessions
            .find(streamId)
            .compose(
                found ->
                    found.isEmpty()
                        ? sessions.unwatch(streamId)
                        : name(found.get()).compose(name -> look(found.get(), name)))
            .onFailure(failure -> LOG.debugf(failure, "BYOC stream not looked at"));
  }

  /**
   * Asks for the stream's data, because a gateway's status of a stream outlives the stream. Data is
   * 404 when the stream is gone, 503 when it makes no data, else 200.
   */
  private Future<Void> look(LiveSession session, String name) {
    return gateways
        .status(session.gateway(), "/process/stream/" + name + "/data")
        .compose(
            status ->
                status == 404
                    ? streams
                        .vanished(session)
                        .compose(ended -> sessions.unwatch(session.streamId()))
                    : streams
                        .mayGoOn(session)
                        .compose(
                            goesOn -> goesOn ? Future.<Void>succeededFuture() : stop(session)));
  }
}
