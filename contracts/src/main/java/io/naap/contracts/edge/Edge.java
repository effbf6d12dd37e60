package io.naap.contracts.edge;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.keys.ClientAddress;
import io.naap.contracts.problem.Problem;
import io.naap.contracts.text.PlainText;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logmanager.MDC;

/** Runs first for every HTTP request of every service, see the package. */
@ApplicationScoped
public class Edge {
  public static final String REQUEST_ID_HEADER = "x-request-id";
  private static final String REQUEST_ID = "naap.request-id";
  private static final String CLIENT_ADDRESS = "naap.client-address";
  private static final int FIRST = 10_000;
  private static final CharSequence CONTENT_TYPE_OPTIONS =
      HttpHeaders.createOptimized("X-Content-Type-Options");
  private static final CharSequence NOSNIFF = HttpHeaders.createOptimized("nosniff");
  private static final CharSequence TRANSPORT_SECURITY =
      HttpHeaders.createOptimized("Strict-Transport-Security");
  private static final CharSequence ONE_YEAR = HttpHeaders.createOptimized("max-age=31536000");
  private static final CharSequence API_KEY = HttpHeaders.createOptimized("x-api-key");
  private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");

  private final Ids ids;
  private final EdgeConfig config;
  private final EdgeMetrics metrics;
  private final ClientAddress clients;
  private final boolean isHttps;

  Edge(Ids ids, EdgeConfig config, EdgeMetrics metrics) {
    this.ids = ids;
    this.config = config;
    this.metrics = metrics;
    this.clients = new ClientAddress(config.trustedProxies(), config.clientAddressHeader());
    this.isHttps =
        config.publicAddress().filter(address -> address.startsWith("https:")).isPresent();
    ConnectionDeadlines.set(
        new ConnectionDeadlines.Limits(
            config.headWithin(), config.keepAlive(), config.stalledReader()));
  }

  void start(
      @Observes StartupEvent started,
      Vertx vertx,
      @ConfigProperty(name = "quarkus.http.port", defaultValue = "0") int port) {
    if (LaunchMode.current() == LaunchMode.NORMAL && port > 0) {
      ConnectionDeadlines.knock(vertx, port);
    }
  }

  /**
   * The id of a request: the one in its {@code x-request-id} header when that is well-formed,
   * otherwise a new one.
   */
  public static String requestId(RoutingContext context) {
    return context.get(REQUEST_ID);
  }

  /**
   * The client's IP address as limits, allow lists and the audit log use it: the last hop that is
   * not one of our own proxies.
   */
  public static String clientAddress(RoutingContext context) {
    String address = context.get(CLIENT_ADDRESS);
    return address == null ? "" : address;
  }

  void register(@Observes Filters filters) {
    filters.register(this::check, FIRST);
  }

  /** Gives the errors that Vert.x itself answers, outside our routes, the same error body. */
  void registerErrors(@Observes Router router) {
    router.errorHandler(413, context -> refuse(context, 413, "body_too_large", tooLarge()));
    router.errorHandler(
        404, context -> refuse(context, 404, "not_found", "There is nothing at this path."));
  }

  private void check(RoutingContext context) {
    HttpServerRequest request = context.request();
    String given = request.getHeader(REQUEST_ID_HEADER);
    String requestId = IdKind.REQUEST.matches(given) ? given : ids.next(IdKind.REQUEST);
    context.put(REQUEST_ID, requestId);
    context.put(CLIENT_ADDRESS, clients.of(request));
    safeHeaders(request, context.response());
    context.response().putHeader(REQUEST_ID_HEADER, requestId);
    MDC.put("request_id", requestId);
    watch(context);
    Optional<RequestHead.Wrong> wrong = RequestHead.wrong(request);
    if (request.headers().getAll(HttpHeaders.HOST).size() > 1) {
      refuse(context, 400, "two_hosts", "Send one Host header.");
    } else if (wrong.isPresent()) {
      metrics.headRefused(wrong.get().code());
      if (wrong.get().status() == 415) {
        context.response().putHeader(HttpHeaders.ACCEPT_ENCODING, "identity");
      }
      refuse(context, wrong.get().status(), wrong.get().code(), wrong.get().detail());
    } else if (headerBytes(request) > config.maxHeaderBytes()) {
      refuse(
          context,
          431,
          "headers_too_large",
          "The headers together are larger than " + config.maxHeaderBytes() + " bytes.");
    } else if (!isPlain(request.path())) {
      refuse(
          context,
          400,
          "unsafe_path",
          "Write the path plainly: no empty, dot or encoded segments, no semicolon or backslash.");
    } else if (!PlainText.isReadableQuery(request.query())) {
      refuse(
          context,
          400,
          "unreadable_query",
          "The query must be percent-encoded UTF-8 without control characters.");
    } else if (declaresMoreThan(request, config.maxBodyBytes())) {
      refuse(context, 413, "body_too_large", tooLarge());
    } else {
      context.next();
    }
  }

  /**
   * Reports begin and end of a request to {@link ConnectionDeadlines}; a body left unread closes
   * the connection.
   */
  private static void watch(RoutingContext context) {
    HttpServerRequest request = context.request();
    ConnectionDeadlines.begins(request.connection());
    boolean hasBody = ConnectionDeadlines.hasBody(request);
    context.addEndHandler(
        ended -> ConnectionDeadlines.ends(request.connection(), !hasBody || request.isEnded()));
    if (hasBody) {
      context.addHeadersEndHandler(
          answered -> {
            if (!request.isEnded()) {
              context.response().putHeader(HttpHeaders.CONNECTION, "close");
            }
          });
    }
  }

  /**
   * Sets security headers: browsers must not guess content types, and responses to requests with a
   * credential must not be cached.
   */
  private void safeHeaders(HttpServerRequest request, HttpServerResponse response) {
    response.putHeader(CONTENT_TYPE_OPTIONS, NOSNIFF);
    if (isHttps) {
      response.putHeader(TRANSPORT_SECURITY, ONE_YEAR);
    }
    MultiMap headers = request.headers();
    if (headers.contains(HttpHeaders.AUTHORIZATION)
        || headers.contains(API_KEY)
        || headers.contains(HttpHeaders.COOKIE)) {
      response.putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE);
    }
  }

  private String tooLarge() {
    return "The body is larger than " + config.maxBodyBytes() + " bytes.";
  }

  private static void refuse(RoutingContext context, int status, String code, String detail) {
    if (context.response().headWritten()) {
      context.request().connection().close();
      return;
    }
    // The body is not read, so the connection is closed after the response.
    context
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
        .putHeader(HttpHeaders.CONNECTION, "close")
        .end(Json.write(Problem.of(status, code, detail, requestId(context))));
  }

  private static boolean declaresMoreThan(HttpServerRequest request, long maxBodyBytes) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null) {
      return false;
    }
    try {
      return Long.parseLong(length) > maxBodyBytes;
    } catch (NumberFormatException unreadable) {
      return true;
    }
  }

  private static int headerBytes(HttpServerRequest request) {
    int bytes = 0;
    for (Map.Entry<String, String> header : request.headers()) {
      bytes += header.getKey().length() + header.getValue().length() + 4;
    }
    return bytes;
  }

  /**
   * True when all programs read a path alike. Access rules are bound to routes and not to path
   * prefixes, so this check is a second line of defence (Quarkus CVE-2026-39852 and CVE-2026-50559
   * bypassed rules on paths).
   */
  static boolean isPlain(String path) {
    if (path == null || path.isEmpty() || path.charAt(0) != '/') {
      return false;
    }
    if (path.length() > 1
        && (path.contains("//") || path.contains("/./") || path.contains("/../"))) {
      return false;
    }
    if (path.endsWith("/.") || path.endsWith("/..")) {
      return false;
    }
    for (int at = 0; at < path.length(); at++) {
      char c = path.charAt(at);
      if (c <= ' ' || c >= 0x7f || c == ';' || c == '\\') {
        return false;
      }
    }
    if (path.indexOf('%') < 0) {
      return true;
    }
    String lower = path.toLowerCase(Locale.ROOT);
    return !(lower.contains("%2e")
        || lower.contains("%2f")
        || lower.contains("%5c")
        || lower.contains("%3b")
        || lower.contains("%25")
        || lower.contains("%00")
        || lower.contains("%0a")
        || lower.contains("%0d"));
  }
}
