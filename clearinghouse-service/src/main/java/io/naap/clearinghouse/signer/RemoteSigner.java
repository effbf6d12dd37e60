package io.naap.clearinghouse.signer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.clearinghouse.ClearinghouseMetrics;
import io.naap.clearinghouse.chain.Chain;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.clearinghouse.wallet.HotWalletConfig;
import io.naap.clearinghouse.wallet.Keccak;
import io.naap.clearinghouse.wallet.Wallet;
import io.naap.contracts.edge.BodyMemory;
import io.naap.contracts.edge.BodyReader;
import io.naap.contracts.edge.ConnectionDeadlines;
import io.naap.contracts.identity.Trust;
import io.naap.contracts.json.Utf8;
import io.naap.contracts.problem.Refusal;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * The signer's own HTTP server, at the root of its port because go-livepeer drops any prefix. A raw
 * Vert.x handler: its paths, statuses and error bodies are go-livepeer's, not ours.
 */
@ApplicationScoped
public class RemoteSigner {
  private static final Logger LOG = Logger.getLogger(RemoteSigner.class);
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String SIGN_INFO = "/sign-orchestrator-info";
  private static final String PAY = "/generate-live-payment";
  private static final String DISCOVER = "/discover-orchestrators";
  private static final Map<String, HttpMethod> ENDPOINTS =
      Map.of(SIGN_INFO, HttpMethod.POST, PAY, HttpMethod.POST, DISCOVER, HttpMethod.GET);
  private static final int IDLE_SECONDS = 60;

  private final Vertx vertx;
  private final BodyReader bodies;
  private final SignerConfig config;
  private final HotWalletConfig walletConfig;
  private final Chain chain;
  private final TicketStore store;
  private final SignerTokens tokens;
  private final KillSwitches stops;
  private final Trust trust;
  private final EtherPrice etherPrice;
  private final ClearinghouseMetrics metrics;
  private final Clock clock;
  private final RandomGenerator random;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore places;
  private final RateLimit requests;
  private final RateLimit newSessions;
  private final SeenPrices seenPrices;
  private final Discovery discovery;
  private SignerCallers callers;
  private Wallet wallet;
  private LivePayments payments;
  private HttpServer server;

  RemoteSigner(
      Vertx vertx,
      BodyReader bodies,
      SignerConfig config,
      HotWalletConfig walletConfig,
      Chain chain,
      TicketStore store,
      SignerTokens tokens,
      KillSwitches stops,
      Trust trust,
      EtherPrice etherPrice,
      ClearinghouseMetrics metrics,
      Clock clock,
      RandomGenerator random) {
    this.vertx = vertx;
    this.bodies = bodies;
    this.config = config;
    this.walletConfig = walletConfig;
    this.chain = chain;
    this.store = store;
    this.tokens = tokens;
    this.stops = stops;
    this.trust = trust;
    this.etherPrice = etherPrice;
    this.metrics = metrics;
    this.clock = clock;
    this.random = random;
    this.places = new Semaphore(config.maxConcurrent());
    this.requests = new RateLimit(config.maxRequestsPerSecond(), Duration.ofSeconds(1).toNanos());
    this.newSessions =
        new RateLimit(config.maxNewSessionsPerMinute(), Duration.ofMinutes(1).toNanos());
    this.seenPrices = new SeenPrices(config.priceMemory());
    this.discovery = new Discovery(config, seenPrices);
  }

  void start(@Observes StartupEvent started) {
    Optional<Wallet> configured = Wallet.configured(walletConfig);
    if (configured.isEmpty()) {
      LOG.info("no wallet is configured, the remote signer stays off");
      return;
    }
    if (!Set.of("any", "registered").contains(config.orchestrators())) {
      throw new IllegalStateException(
          "naap.clearinghouse.signer.orchestrators is registered or any");
    }
    callers = new SignerCallers(config.callers());
    wallet = configured.get();
    payments =
        new LivePayments(
            wallet, chain, store, etherPrice, config, seenPrices, metrics, clock, random);
    chain.watch(wallet.address());
    server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost(config.host())
                    .setPort(config.port())
                    .setIdleTimeout(IDLE_SECONDS)
                    .setMaxHeaderSize(16 * 1024))
            .requestHandler(this::handle)
            .listen()
            .toCompletionStage()
            .toCompletableFuture()
            .join();
    ConnectionDeadlines.knock(vertx, server.actualPort());
    LOG.infof("remote signer listens, port=%d sender=%s", server.actualPort(), wallet.address());
  }

  void stop(@Observes ShutdownEvent stopping) {
    chain.stop();
    if (server != null) {
      server.close().toCompletionStage().toCompletableFuture().join();
    }
    workers.shutdown();
  }

  /** True when there is nothing to sign with, or everything that is needed to. */
  public boolean isReady() {
    return wallet == null || server != null;
  }

  /** Where it listens; zero while it is off. */
  public int port() {
    return server == null ? 0 : server.actualPort();
  }

  /** The hot wallet's address; nothing while there is none. */
  public Optional<Wallet> wallet() {
    return Optional.ofNullable(wallet);
  }

  private void handle(HttpServerRequest request) {
    ConnectionDeadlines.watch(request);
    HttpMethod method = ENDPOINTS.get(request.path());
    if (method == null) {
      refuse(request, 404, "not found");
      return;
    }
    if (!method.equals(request.method())) {
      request.response().putHeader(HttpHeaders.ALLOW, method.name());
      refuse(request, 405, "method not allowed");
      return;
    }
    Optional<SignerCallers.Credential> shown =
        SignerCallers.read(request.getHeader(HttpHeaders.AUTHORIZATION));
    if (shown.isEmpty()) {
      unauthorised(request);
      return;
    }
    Optional<SignerCaller> known = callers.find(shown.get());
    if (known.isPresent()) {
      admit(request, known);
    } else if (!shown.get().token().startsWith(SignerTokens.PREFIX)) {
      unauthorised(request);
    } else {
      Optional<Optional<SignerCaller>> remembered = tokens.remembered(shown.get().token());
      if (remembered.isPresent()) {
        admit(request, remembered.get());
      } else {
        lookUp(request, shown.get().token());
      }
    }
  }

  /** Asks the store whose token it is, while the body waits. */
  private void lookUp(HttpServerRequest request, String token) {
    Context context = vertx.getOrCreateContext();
    request.pause();
    workers.execute(
        () -> {
          Optional<SignerCaller> caller;
          try {
            caller = tokens.find(token);
          } catch (RuntimeException away) {
            // The boundary of the request: nobody is let in whom the store does not know.
            LOG.warnf(away, "a token could not be looked up");
            context.runOnContext(
                ignored -> {
                  refuse(request, 503, "the store is away");
                  request.resume();
                });
            return;
          }
          context.runOnContext(
              ignored -> {
                admit(request, caller);
                request.resume();
              });
        });
  }

  private void unauthorised(HttpServerRequest request) {
    request.response().putHeader("WWW-Authenticate", "Bearer");
    refuse(request, 401, "send the caller's token as a bearer token or basic password");
  }

  private void admit(HttpServerRequest request, Optional<SignerCaller> caller) {
    if (caller.isEmpty()) {
      unauthorised(request);
    } else if (caller.get().tenant().filter(trust::isSuspended).isPresent()) {
      metrics.paymentRefused("suspended");
      refuse(request, 403, "the tenant is suspended");
    } else if (!requests.take(caller.get().name(), System.nanoTime())) {
      metrics.paymentRefused("rate");
      request.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
      refuse(request, 429, "too many requests");
    } else {
      readBody(request, caller.get());
    }
  }

  private void readBody(HttpServerRequest request, SignerCaller caller) {
    BodyMemory.Share memory = bodies.shareOf(caller.name());
    bodies
        .whole(request, config.maxBodyBytes(), memory)
        .onSuccess(
            body -> {
              if (Utf8.firstMalformed(body.bytes(), 0, body.length()) < 0) {
                work(
                    request,
                    caller,
                    new String(body.bytes(), 0, body.length(), StandardCharsets.UTF_8),
                    memory);
              } else {
                memory.release();
                refuse(request, 400, "the body is not UTF-8");
              }
            })
        .onFailure(
            failure -> {
              if (failure instanceof Refusal.RefusedException refused) {
                metrics.paymentRefused("body");
                refuse(request, refused.refusal().status(), refused.refusal().detail());
              } else {
                LOG.debugf("the caller left, path=%s", request.path());
              }
            });
  }

  private void work(
      HttpServerRequest request, SignerCaller caller, String body, BodyMemory.Share memory) {
    if (!places.tryAcquire()) {
      memory.release();
      refuse(request, 503, "busy");
      return;
    }
    workers.execute(
        () -> {
          try {
            answer(request, caller, body);
          } catch (RuntimeException failed) {
            // The boundary of the request: whatever failed, nothing more than this leaves.
            LOG.errorf(failed, "a signer request failed, path=%s", request.path());
            refuse(request, 500, "internal");
          } finally {
            memory.release();
            places.release();
          }
        });
  }

  private void answer(HttpServerRequest request, SignerCaller caller, String body) {
    switch (request.path()) {
      case SIGN_INFO -> signInfo(request, caller);
      case PAY -> pay(request, caller, body);
      default -> discover(request, caller);
    }
  }

  private void signInfo(HttpServerRequest request, SignerCaller caller) {
    boolean stopped;
    try {
      stopped = stops.hits(caller);
    } catch (RuntimeException away) {
      LOG.warnf(away, "whether signing is stopped is unknown");
      refuse(request, 503, "the store is away");
      return;
    }
    if (stopped) {
      refuse(request, 403, "signing is stopped");
      return;
    }
    String address = wallet.address().toString();
    byte[] hash = Keccak.hash(address.getBytes(StandardCharsets.US_ASCII));
    send(
        request,
        200,
        JSON.objectNode()
            .put("address", address)
            .put("signature", "0x" + HexFormat.of().formatHex(wallet.sign(hash).toByteArray())));
  }

  private void discover(HttpServerRequest request, SignerCaller caller) {
    ArrayNode found =
        discovery.orchestrators(caller, request.params().getAll("caps"), clock.instant());
    if (found.isEmpty()) {
      refuse(request, 503, "there is no such pool of orchestrators here");
    } else {
      send(request, 200, found);
    }
  }

  private void pay(HttpServerRequest request, SignerCaller caller, String body) {
    if (PaymentRequest.beginsASession(body)
        && !newSessions.take(caller.name(), System.nanoTime())) {
      metrics.paymentRefused("session_rate");
      request.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
      refuse(request, 429, "too many new sessions");
      return;
    }
    switch (payments.pay(caller, body)) {
      case PaymentOutcome.Paid paid -> {
        ObjectNode json =
            JSON.objectNode()
                .put("payment", paid.payment())
                .put("segCreds", paid.segmentCredentials());
        json.putObject("state").put("State", paid.state()).put("Sig", paid.signature());
        send(request, 200, json);
      }
      case PaymentOutcome.Refused refused -> {
        LOG.debugf(
            "payment refused, caller=%s status=%d reason=%s",
            caller.name(), refused.status(), refused.message());
        refused
            .orchestratorUrl()
            .filter(RemoteSigner::isHeaderValue)
            .ifPresent(url -> request.response().putHeader("Livepeer-Orchestrator-URL", url));
        if (refused.status() == 429) {
          request.response().putHeader(HttpHeaders.RETRY_AFTER, "60");
        }
        refuse(request, refused.status(), refused.message());
      }
    }
  }

  private static boolean isHeaderValue(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  /** The error body of go-livepeer, which hides the reasons of 500 and 503. */
  private void refuse(HttpServerRequest request, int status, String message) {
    if (request.response().ended()) {
      return;
    }
    String shown =
        switch (status) {
          case 500 -> "Internal Server Error";
          case 503 -> "Service Unavailable Error";
          default -> message;
        };
    ObjectNode json = JSON.objectNode();
    json.putObject("error").put("message", shown);
    if (!request.isEnded()) {
      request.response().putHeader(HttpHeaders.CONNECTION, "close");
    }
    send(request, status, json);
  }

  private void send(HttpServerRequest request, int status, JsonNode body) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    String endpoint = ENDPOINTS.containsKey(request.path()) ? request.path() : "other";
    metrics.signerAnswered(endpoint, status);
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("X-Content-Type-Options", "nosniff")
        .end(body.toString())
        .onFailure(gone -> LOG.debugf("the caller left, path=%s", request.path()));
  }
}
