package io.naap.contracts.edge;

import io.naap.contracts.json.JsonScan;
import io.naap.contracts.json.Utf8;
import io.naap.contracts.keys.ClientAddress;
import io.naap.contracts.problem.Refusal;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Reads the bodies of all REST resources, after their access rules and before their arguments are
 * built; no resource reads its body in another way. Refuses bodies that are not UTF-8, and JSON
 * beyond the limits of {@link EdgeConfig#json()}.
 */
@ApplicationScoped
public class RequestBodies {
  /**
   * Bodies from this size on are checked on a worker thread, because the check would block the
   * event loop for as long as a hundred jobs take.
   */
  private static final int LARGE_BYTES = 65_536;

  /** Memory that a parsed name or value takes in addition to its text, roughly. */
  private static final int BYTES_PER_VALUE = 100;

  private final BodyReader reader;
  private final EdgeConfig config;
  private final EdgeMetrics metrics;
  private final ClientAddress clients;
  private final List<BodyRule> rules;
  private final BodyRule otherwise;

  RequestBodies(
      BodyReader reader, EdgeConfig config, EdgeMetrics metrics, Instance<BodyRule.Table> tables) {
    this.reader = reader;
    this.config = config;
    this.metrics = metrics;
    this.clients = new ClientAddress(config.trustedProxies(), config.clientAddressHeader());
    this.otherwise = BodyRule.atMost("/", config.maxBodyBytes());
    this.rules = tables.stream().flatMap(table -> table.rules().stream()).toList();
  }

  /** Runs as the last filter before the resource's arguments are built. */
  @ServerRequestFilter(nonBlocking = true, priority = Priorities.USER + 5_000)
  public Uni<Void> read(RoutingContext context, ContainerRequestContext resource) {
    HttpServerRequest request = context.request();
    BodyRule rule = rule(spelled(context.normalizedPath()));
    return rule.isUnread() || request.isEnded() || !BodyReader.hasBody(request)
        ? rule.judge().apply(context)
        : rule.judge().apply(context).chain(judged -> read(context, rule, resource));
  }

  /**
   * Removes a trailing slash, because JAX-RS finds a resource with and without it, and rules are
   * written without.
   */
  static String spelled(String path) {
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private BodyRule rule(String path) {
    for (BodyRule rule : rules) {
      if (rule.matches(path)) {
        return rule;
      }
    }
    return otherwise;
  }

  private Uni<Void> read(RoutingContext context, BodyRule rule, ContainerRequestContext resource) {
    HttpServerRequest request = context.request();
    BodyMemory.Share share = reader.share(address(request), tenant(context));
    context.addEndHandler(ended -> share.release());
    return Uni.createFrom()
        .completionStage(() -> reader.whole(request, rule.mostBytes(), share).toCompletionStage())
        .chain(body -> check(context, body))
        .invoke(
            body -> {
              // Parsing copies the texts of the body once more.
              reader.charge(share, body.length());
              // Forms are read from the routing context, all other bodies from the entity stream.
              ((RoutingContextInternal) context).setBody(body.buffer());
              resource.setEntityStream(new ByteArrayInputStream(body.bytes(), 0, body.length()));
            })
        .replaceWithVoid();
  }

  private String address(HttpServerRequest request) {
    return AddressGroup.of(clients.of(request));
  }

  private static Optional<String> tenant(RoutingContext context) {
    if (context.user() instanceof QuarkusHttpUser user
        && user.getSecurityIdentity().getPrincipal() instanceof JsonWebToken token) {
      String tenant = token.getClaim("tid");
      return Optional.of(tenant == null ? token.getSubject() : tenant);
    }
    return Optional.empty();
  }

  private Uni<ReceivedBody> check(RoutingContext context, ReceivedBody body) {
    String type = context.request().getHeader("Content-Type");
    String kind = type == null ? "" : type.toLowerCase(Locale.ROOT);
    if (body.length() < LARGE_BYTES) {
      requireReadable(kind, body);
      return Uni.createFrom().item(body);
    }
    ContextInternal loop = ((ConnectionBase) context.request().connection()).getContext();
    Vertx vertx = loop.owner();
    return Uni.createFrom()
        .completionStage(
            () ->
                vertx
                    .executeBlocking(
                        () -> {
                          requireReadable(kind, body);
                          return body;
                        },
                        false)
                    .toCompletionStage());
  }

  private void requireReadable(String kind, ReceivedBody body) {
    if (kind.startsWith("application/x-www-form-urlencoded")) {
      String form = new String(body.bytes(), 0, body.length(), StandardCharsets.ISO_8859_1);
      if (!Utf8.isWellFormedEncoded(form)) {
        throw refused("malformed_form", "The form is not UTF-8, percent-encoded.");
      }
      return;
    }
    // Resources that take JSON accept it without a Content-Type too.
    if (!kind.isBlank() && !kind.contains("json") && !kind.contains("*")) {
      return;
    }
    switch (JsonScan.scan(body.bytes(), body.length(), config.jsonLimits())) {
      case JsonScan.Result.Fine fine ->
          reader.charge(body.memory(), (long) fine.values() * BYTES_PER_VALUE);
      case JsonScan.Result.Malformed malformed ->
          throw refused("malformed_json", "The body is not valid JSON: " + malformed.why() + ".");
      case JsonScan.Result.TooComplex complex ->
          throw refused("json_too_complex", "The body " + complex.why() + ".");
    }
  }

  private Refusal.RefusedException refused(String code, String detail) {
    metrics.bodyRefused(code);
    return Refusal.of(400, code, detail).raise();
  }
}
