package io.naap.clearinghouse.signer;

import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.clearinghouse.signer.CallerAuthentication.Authentication;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.signer.tokens.RateLimit;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import io.naap.clearinghouse.signer.tokens.SignerCallers;
import io.naap.contracts.edge.BodyMemory;
import io.naap.contracts.edge.BodyReader;
import io.naap.contracts.edge.ConnectionDeadlines;
import io.naap.contracts.json.Utf8;
import io.naap.contracts.problem.Refusal;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jboss.logging.Logger;

/**
 * Takes a request of the signer through its stages: {@code route -> authenticate -> admit -> read
 * -> answer}. A raw Vert.x handler: paths, statuses and error bodies are go-livepeer's. The answer
 * is made on a virtual thread; everything before it runs on the event loop.
 */
@Singleton
class SignerRequests {
  private static final Logger LOG = Logger.getLogger(SignerRequests.class);

  private final CallerAuthentication authentication;
  private final BodyReader bodies;
  private final SignerEndpoints endpoints;
  private final ClearinghouseMetrics metrics;
  private final int maxBodyBytes;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore concurrent;
  private final RateLimit rate;

  SignerRequests(
      CallerAuthentication authentication,
      BodyReader bodies,
      SignerEndpoints endpoints,
      SignerConfig config,
      ClearinghouseMetrics metrics) {
    this.authentication = authentication;
    this.bodies = bodies;
    this.endpoints = endpoints;
    this.metrics = metrics;
    this.maxBodyBytes = config.maxBodyBytes();
    this.concurrent = new Semaphore(config.maxConcurrent());
    this.rate = new RateLimit(config.maxRequestsPerSecond(), Duration.ofSeconds(1).toNanos());
  }

  void stop() {
    workers.shutdown();
  }

  void handle(HttpServerRequest request) {
    ConnectionDeadlines.watch(request);
    Optional<Endpoint> endpoint = Endpoint.of(request.path());
    if (endpoint.isEmpty()) {
      send(request, Reply.refused(404, "not found"));
    } else if (!endpoint.get().method.equals(request.method())) {
      send(
          request,
          Reply.refused(405, "method not allowed").with("Allow", endpoint.get().method.name()));
    } else {
      authenticate(request, endpoint.get());
    }
  }

  private void authenticate(HttpServerRequest request, Endpoint endpoint) {
    Optional<SignerCallers.Credential> shown =
        SignerCallers.read(request.getHeader(HttpHeaders.AUTHORIZATION));
    if (shown.isEmpty()) {
      admit(request, endpoint, new Authentication.Unknown());
      return;
    }
    Optional<Authentication> known = authentication.remembered(shown.get());
    if (known.isPresent()) {
      admit(request, endpoint, known.get());
    } else {
      lookUp(request, endpoint, shown.get());
    }
  }

  /** Asks Postgres for the caller; the body is not read meanwhile. */
  private void lookUp(
      HttpServerRequest request, Endpoint endpoint, SignerCallers.Credential credential) {
    Context context = Vertx.currentContext();
    request.pause();
    workers.execute(
        () -> {
          Runnable next;
          try {
            Authentication found = authentication.lookUp(credential);
            next = () -> admit(request, endpoint, found);
          } catch (RuntimeException away) {
            // An unknown caller is never admitted.
            LOG.warnf(away, "a signer token could not be looked up");
            next = () -> send(request, Reply.refused(503, "Postgres does not answer"));
          }
          Runnable last = next;
          context.runOnContext(
              ignored -> {
                last.run();
                request.resume();
              });
        });
  }

  private void admit(HttpServerRequest request, Endpoint endpoint, Authentication authentication) {
    switch (authentication) {
      case Authentication.Unknown unknown ->
          send(
              request,
              Reply.refused(401, "send the caller's token as a bearer token or basic password")
                  .with("WWW-Authenticate", "Bearer"));
      case Authentication.Suspended suspended -> {
        metrics.paymentRefused("suspended");
        send(request, Reply.refused(403, "the tenant is suspended"));
      }
      case Authentication.Known known -> {
        if (rate.take(known.caller().name(), System.nanoTime())) {
          readBody(request, endpoint, known.caller());
        } else {
          metrics.paymentRefused("rate");
          send(request, Reply.refused(429, "too many requests").with("Retry-After", "1"));
        }
      }
    }
  }

  private void readBody(HttpServerRequest request, Endpoint endpoint, SignerCaller caller) {
    BodyMemory.Share memory = bodies.shareOf(caller.name());
    bodies
        .whole(request, maxBodyBytes, memory)
        .onSuccess(
            body -> {
              if (Utf8.firstMalformed(body.bytes(), 0, body.length()) < 0) {
                String text = new String(body.bytes(), 0, body.length(), StandardCharsets.UTF_8);
                answer(request, endpoint, caller, text, memory);
              } else {
                memory.release();
                send(request, Reply.refused(400, "the body is not UTF-8"));
              }
            })
        .onFailure(
            failure -> {
              if (failure instanceof Refusal.RefusedException refused) {
                metrics.paymentRefused("body");
                send(
                    request, Reply.refused(refused.refusal().status(), refused.refusal().detail()));
              } else {
                LOG.debugf("the caller closed the connection, path=%s", endpoint.path);
              }
            });
  }

  private void answer(
      HttpServerRequest request,
      Endpoint endpoint,
      SignerCaller caller,
      String body,
      BodyMemory.Share memory) {
    if (!concurrent.tryAcquire()) {
      memory.release();
      send(request, Reply.refused(503, "busy"));
      return;
    }
    workers.execute(
        () -> {
          try {
            send(
                request, endpoints.answer(endpoint, caller, request.params().getAll("caps"), body));
          } catch (RuntimeException failed) {
            // The boundary of the request: the caller learns nothing about the failure.
            LOG.errorf(failed, "a signer request failed, path=%s", endpoint.path);
            send(request, Reply.refused(500, "internal"));
          } finally {
            memory.release();
            concurrent.release();
          }
        });
  }

  private void send(HttpServerRequest request, Reply reply) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    if (reply.status() != 200 && !request.isEnded()) {
      response.putHeader(HttpHeaders.CONNECTION, "close");
    }
    metrics.signerAnswered(
        Endpoint.of(request.path()).map(endpoint -> endpoint.path).orElse("other"), reply.status());
    reply.headers().forEach(response::putHeader);
    response
        .setStatusCode(reply.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("X-Content-Type-Options", "nosniff")
        .end(reply.body().toString())
        .onFailure(gone -> LOG.debugf("the caller closed the connection, path=%s", request.path()));
  }
}
