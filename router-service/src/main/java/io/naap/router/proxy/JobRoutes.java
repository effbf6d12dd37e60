package io.naap.router.proxy;

import io.naap.contracts.edge.Edge;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.text.PlainText;
import io.naap.router.admission.quota.ReservationRequest;
import io.naap.router.endpoint.Endpoints;
import io.naap.router.http.Responses;
import io.naap.router.http.Uploads;
import io.naap.router.neighbour.KeyProfiles;
import io.naap.router.routing.Route;
import io.naap.router.routing.RoutingTables;
import io.naap.router.workload.Body;
import io.naap.router.workload.Job;
import io.naap.router.workload.ParsedRequest;
import io.naap.router.workload.Registry;
import io.naap.router.workload.Workload;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.impl.ContextInternal;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The paths of jobs, one for each {@link Workload}. A request goes through the stages {@code
 * authenticate -> authorize -> read -> route -> admit -> announce -> forward}; the last one hands
 * the job to an {@link Exchange}. These are handlers on the Vert.x router itself, because all bytes
 * of jobs pass through here.
 */
@Singleton
public class JobRoutes {
  private static final Duration HOLD = Duration.ofMinutes(16);
  private static final int BEFORE_THE_EDGE = 10_001;
  private static final int MOST_MODEL = 200;

  private final Endpoints endpoints;
  private final KeyProfiles profiles;
  private final Uploads uploads;
  private final Registry registry;
  private final PushedStreams pushes;
  private final JobAuthorization authorization;
  private final RoutingTables tables;
  private final ExchangeServices services;

  JobRoutes(
      Endpoints endpoints,
      KeyProfiles profiles,
      Uploads uploads,
      Registry registry,
      PushedStreams pushes,
      JobAuthorization authorization,
      RoutingTables tables,
      ExchangeServices services) {
    this.endpoints = endpoints;
    this.profiles = profiles;
    this.uploads = uploads;
    this.registry = registry;
    this.pushes = pushes;
    this.authorization = authorization;
    this.tables = tables;
    this.services = services;
  }

  /**
   * Takes the request id away that a client sent. Usage events are named by request ids and each
   * name counts once, so a client that chose its id could be served for free.
   */
  void removeClientRequestId(@Observes Filters filters) {
    filters.register(
        context -> {
          context.request().headers().remove(Edge.REQUEST_ID_HEADER);
          context.next();
        },
        BEFORE_THE_EDGE);
  }

  void register(@Observes Router router) {
    for (Workload workload : registry.workloads()) {
      endpoints.serve(router, workload.endpoint(), context -> handle(context, workload));
    }
  }

  /** One request on its way to be forwarded; each stage adds to it. */
  private static final class Attempt {
    final RoutingContext context;
    final Workload workload;
    final Instant opened;

    /** The request's own event loop: Redis and other services answer on others. */
    final ContextInternal loop;

    KeyProfile profile;
    long requestsAtOnce;
    ParsedRequest read;
    RoutedJob routed;
    Job job;
    List<Body> parts;
    JobAuthorization.Granted granted;

    Attempt(RoutingContext context, Workload workload, Instant opened, ContextInternal loop) {
      this.context = context;
      this.workload = workload;
      this.opened = opened;
      this.loop = loop;
    }

    AdmittedJob admitted() {
      return new AdmittedJob(profile, read, job, parts, routed, granted, opened);
    }
  }

  private void handle(RoutingContext context, Workload workload) {
    Attempt attempt =
        new Attempt(
            context,
            workload,
            services.clock.instant(),
            (ContextInternal) services.vertx.getOrCreateContext());
    context.request().pause();
    authenticate(attempt)
        .compose(this::authorize)
        .compose(this::read)
        .compose(this::route)
        .compose(this::admitAndForward)
        .onFailure(failure -> refuse(attempt, failure));
  }

  private void refuse(Attempt attempt, Throwable failure) {
    if (attempt.profile != null && failure instanceof Refusal.RefusedException refused) {
      ParsedRequest read = attempt.read;
      services.recorder.refused(
          new RefusedRequest(
              Edge.requestId(attempt.context),
              attempt.profile,
              read == null ? "" : read.capability(),
              read == null ? "" : PlainText.shown(read.model().orElse(""), MOST_MODEL),
              attempt.opened,
              refused.refusal()));
    }
    Responses.fail(attempt.context, failure, attempt.workload.openAi());
  }

  private Future<Attempt> authenticate(Attempt attempt) {
    return profiles
        .of(attempt.context.request())
        .map(
            profile -> {
              attempt.profile = profile;
              return attempt;
            });
  }

  private Future<Attempt> authorize(Attempt attempt) {
    return authorization
        .mayBegin(attempt.profile, attempt.workload.capability())
        .map(
            requestsAtOnce -> {
              attempt.requestsAtOnce = requestsAtOnce;
              return attempt;
            });
  }

  /** Reads the request. Meanwhile it counts among the requests that its key sends at once. */
  private Future<Attempt> read(Attempt attempt) {
    String keyId = attempt.profile.keyId();
    String tenantId = attempt.profile.tenantId();
    uploads.enter(keyId, attempt.requestsAtOnce);
    Future<ParsedRequest> read;
    try {
      read = attempt.workload.read(uploads.of(attempt.context, tenantId), tenantId);
    } catch (RuntimeException refused) {
      read = Future.failedFuture(refused);
    }
    return read.onComplete(done -> uploads.leave(keyId))
        .map(
            parsed -> {
              attempt.read = parsed;
              return attempt;
            });
  }

  private Future<Attempt> route(Attempt attempt) {
    ParsedRequest read = attempt.read;
    return authorization
        .route(attempt.profile, read.capability(), read.model(), read.sticky())
        .map(
            routed -> {
              attempt.routed = routed;
              return attempt;
            });
  }

  /** Counts among the jobs that this router carries, from here until its exchange ends. */
  private Future<Void> admitAndForward(Attempt attempt) {
    RoutedJob routed = attempt.routed;
    attempt.job = attempt.read.job().apply(routed.model());
    attempt.parts = attempt.job.parts(imagesPerJob(routed.routes()));
    Shedding shedding = services.running.shedding;
    Optional<Refusal> shed = shedding.enter(tables.current().tiersAbove(routed.tier()));
    if (shed.isPresent()) {
      return Future.failedFuture(shed.get().raise());
    }
    Future<Attempt> ready;
    try {
      ready = admit(attempt).compose(this::announce);
    } catch (RuntimeException refused) {
      shedding.leave();
      throw refused;
    }
    return ready.onFailure(refused -> shedding.leave()).compose(this::forward);
  }

  /** The fewest images that any of the gateways takes in one job. */
  private static int imagesPerJob(List<Route> routes) {
    return routes.stream().mapToInt(route -> route.pool().imagesPerJob()).min().orElse(1);
  }

  private Future<Attempt> admit(Attempt attempt) {
    Job.Estimate estimate = attempt.job.estimate();
    String capability = attempt.read.capability();
    Units units =
        estimate.expected().isPresent()
            ? estimate.expected().get()
            : services.recorder.estimator.hold(capability, attempt.routed.model(), attempt.job);
    return authorization
        .admit(
            attempt.profile,
            attempt.routed,
            new JobAuthorization.HoldRequest(
                Edge.requestId(attempt.context) + "-0",
                capability,
                units,
                estimate.most(),
                ReservationRequest.Counts.JOB,
                HOLD),
            attempt.context.response().headers(),
            attempt.workload.openAi())
        .map(
            granted -> {
              attempt.granted = granted;
              return attempt;
            });
  }

  /**
   * Notes in Redis which gateways may get a pushed stream: a gateway asks the router about every
   * stream that is pushed to it. If it cannot be noted, the gateway refuses the segment and nothing
   * is billed.
   */
  private Future<Attempt> announce(Attempt attempt) {
    if (attempt.read.sticky().isEmpty()) {
      return Future.succeededFuture(attempt);
    }
    List<Future<Void>> noted =
        attempt.routed.routes().stream()
            .limit(2)
            .map(route -> pushes.admit(route.gateway().name(), attempt.read.sticky().get()))
            .toList();
    return Future.join(noted).mapEmpty().otherwiseEmpty().map(attempt);
  }

  /** Runs the job on its request's own event loop. */
  private Future<Void> forward(Attempt attempt) {
    Promise<Void> started = Promise.promise();
    attempt.loop.emit(
        attempt,
        mine ->
            Future.<Void>future(
                    running -> {
                      new Exchange(services, mine.context, mine.admitted()).run();
                      running.complete();
                    })
                .onComplete(started));
    return started.future();
  }
}
