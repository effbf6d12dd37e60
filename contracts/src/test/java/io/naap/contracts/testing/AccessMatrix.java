package io.naap.contracts.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.naap.contracts.identity.Claims;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.Subject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Calls every operation of a service with all kinds of credentials and compares the responses with
 * {@code contracts/access.yaml}: without a token, with every forged token, with each role, from a
 * revoked session, from a suspended tenant, from another tenant, and with other spellings of the
 * path.
 */
public final class AccessMatrix {
  /** The tenant of all calls; it owns no objects. */
  public static final String TENANT = "ten_01kaq3v7g8e2nb0p4m6r9t1x5z";

  private static final String SUSPENDED = "ten_01kaq3v7g8e2nb0p4m6r9t1x60";
  private static final String SESSION = "ses_01kaq3v7g8e2nb0p4m6r9t1x61";
  private static final String REVOKED = "ses_01kaq3v7g8e2nb0p4m6r9t1x60";
  private static final Set<String> EVERYWHERE =
      Set.of(
          "alg 'none' unsigned",
          "typ 'JWT'",
          "a stranger's key under our id",
          "aud \"other\"",
          "other claims under the signature",
          "nonsense");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final URI base;
  private final String service;
  private final List<Operations.Operation> operations;
  private final JsonNode table;
  private final Map<String, Foreign> foreign = new TreeMap<>();
  private final List<String> violations = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
  private boolean forgedOnce;
  private int calls;

  private AccessMatrix(URI base, String service, Path openapi, Path access) {
    this.base = base;
    this.service = service;
    this.operations = Operations.of(openapi);
    try {
      this.table = new YAMLMapper().readTree(Files.readString(access));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** An object of another tenant. */
  private record Foreign(String path, String body) {}

  /** The response to a call. */
  private record Answer(int status, String body) {}

  /**
   * Creates the matrix of a running service.
   *
   * @param base the service's URL
   */
  public static AccessMatrix of(URI base, String service) {
    return new AccessMatrix(
        base, service, Path.of("openapi.yaml"), Path.of("../contracts/access.yaml"));
  }

  /**
   * Names an existing object of another tenant. Every path with parameters that tenants may call
   * needs one.
   *
   * @param template the path with parameters in braces
   * @param path the path of the object
   * @param body a body that would be valid if the object were the caller's
   */
  public AccessMatrix foreign(String template, String path, String body) {
    foreign.put(template, new Foreign(path, body));
    return this;
  }

  /**
   * Makes all calls.
   *
   * @param refuse makes the service refuse the tokens of a {@link Subject}
   * @return every response that differs from access.yaml; empty when none does
   */
  public List<String> violations(Consumer<String> refuse) throws InterruptedException {
    refuse.accept(Subject.session(REVOKED));
    refuse.accept(Subject.tenant(SUSPENDED));
    // Services poll the list of refusals twice a second.
    Thread.sleep(1_500);
    Set<String> stated = new LinkedHashSet<>();
    table.path(service).fieldNames().forEachRemaining(stated::add);
    for (Operations.Operation operation : operations) {
      if (!stated.remove(operation.id())) {
        violations.add(operation.id() + " is not in access.yaml");
        continue;
      }
      Set<String> allowed = allowed(operation);
      if (!allowed.contains("anybody")) {
        check(operation, allowed);
      }
    }
    stated.forEach(id -> violations.add(id + " is in access.yaml, and the service has no such"));
    return violations;
  }

  /** The number of calls made. */
  public int calls() {
    return calls;
  }

  private Set<String> allowed(Operations.Operation operation) {
    Set<String> allowed = new LinkedHashSet<>();
    for (JsonNode entry : table.path(service).path(operation.id())) {
      JsonNode group = table.path("groups").path(entry.asText());
      if (group.isMissingNode()) {
        allowed.add(entry.asText());
      } else {
        group.forEach(role -> allowed.add(role.asText()));
      }
    }
    return allowed;
  }

  private void check(Operations.Operation operation, Set<String> allowed) {
    String path =
        new Operations.Operation(
                operation.method(),
                operation.path().replace("{file}", "1.ts"),
                operation.id(),
                operation.contentType())
            .at(TENANT.replace("5z", "61"));
    if (allowed.contains("gateway")) {
      // The path contains the gateway's secret, so a wrong secret gets the same 404 as an unknown
      // path.
      expect(operation, "nobody", call(operation, path, null, "{}"), 404);
      expect(
          operation,
          "an owner",
          call(operation, path, token(TENANT, SESSION, Role.OWNER), "{}"),
          404);
      checkSpellings(operation, path, allowed);
      return;
    }
    expect(operation, "nobody", call(operation, path, null, "{}"), 401);
    // The first operation gets all forgeries. The others share its verifier and get one of each
    // kind.
    Map<String, String> forged = Forgeries.of(TENANT);
    if (forgedOnce) {
      forged.keySet().retainAll(EVERYWHERE);
    }
    forgedOnce = true;
    forged.forEach(
        (name, token) ->
            expect(operation, "forged: " + name, call(operation, path, token, "{}"), 401));
    expect(operation, "an empty token", call(operation, path, "", "{}"), 401);
    boolean tokens = !allowed.contains("key");
    for (Role role : Role.values()) {
      String token = role == Role.SERVICE ? Tokens.service("matrix") : token(TENANT, SESSION, role);
      Answer answer = call(operation, path, token, "{}");
      if (!tokens) {
        expect(operation, role.wireName(), answer, 401);
      } else if (allowed.contains(role.wireName())) {
        expectLetIn(operation, role.wireName(), answer);
        if (role != Role.SERVICE) {
          checkSession(operation, path, role);
          checkForeign(operation, role);
        }
      } else {
        expect(operation, role.wireName(), answer, 403);
      }
    }
    checkSpellings(operation, path, allowed);
  }

  private void checkSession(Operations.Operation operation, String path, Role role) {
    expect(
        operation,
        role.wireName() + " from a revoked session",
        call(operation, path, token(TENANT, REVOKED, role), "{}"),
        401);
    if (role != Role.OPERATOR && role != Role.SUPPORT) {
      Answer suspended = call(operation, path, token(SUSPENDED, SESSION, role), "{}");
      expect(operation, role.wireName() + " of a suspended tenant", suspended, 403);
      if (!suspended.body().contains("tenant_suspended")) {
        violations.add(operation.id() + " does not say that the tenant is suspended");
      }
    }
  }

  private void checkForeign(Operations.Operation operation, Role role) {
    if (!operation.path().contains("{") || role == Role.OPERATOR || role == Role.SUPPORT) {
      return;
    }
    Foreign object = foreign.get(operation.path());
    if (object == null) {
      violations.add("no object of another tenant is known for " + operation.path());
      return;
    }
    expect(
        operation,
        role.wireName() + " of another tenant",
        call(operation, object.path(), token(TENANT, SESSION, role), object.body()),
        404);
  }

  private void checkSpellings(Operations.Operation operation, String path, Set<String> allowed) {
    boolean viewerMay = allowed.contains("viewer") || allowed.contains("key");
    for (String spelling : spellings(path)) {
      refusedRaw(operation, spelling, "");
      if (!viewerMay) {
        refusedRaw(
            operation,
            spelling,
            "Authorization: Bearer " + token(TENANT, SESSION, Role.VIEWER) + "\r\n");
      }
    }
  }

  /** Spellings of a path that a server or proxy may treat as the same path. */
  static List<String> spellings(String path) {
    int second = path.indexOf('/', 1);
    String head = second < 0 ? path : path.substring(0, second);
    String tail = second < 0 ? "" : path.substring(second);
    String encoded = "%" + Integer.toHexString(path.charAt(1));
    return List.of(
        path + "/",
        path + "//",
        path + ";",
        path + ";a=b",
        path + "%3b",
        path + "%3Ba=b",
        path + "/.",
        path + "/%2e",
        path + "/x/..",
        path + "/..;/",
        path + "%00",
        path + "%20",
        path + "%0a",
        path + "%2f",
        path + ".json",
        "/" + path,
        "/." + path,
        "/x/.." + path,
        "/%2e" + path,
        "/x/%2e%2e" + path,
        head + ";a=b" + tail,
        head + "/" + tail,
        head + "/." + tail,
        head + "%2f" + (tail.isEmpty() ? "" : tail.substring(1)),
        head + "\\" + (tail.isEmpty() ? "" : tail.substring(1)),
        head + "%5c" + (tail.isEmpty() ? "" : tail.substring(1)),
        "/" + encoded + path.substring(2),
        "/%25" + encoded.substring(1) + path.substring(2),
        path.toUpperCase(Locale.ROOT),
        "/" + Character.toUpperCase(path.charAt(1)) + path.substring(2));
  }

  private void refusedRaw(Operations.Operation operation, String spelling, String authorization) {
    calls++;
    String type = operation.contentType().isEmpty() ? "application/json" : operation.contentType();
    String request =
        "%s %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Type: %s\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
            .formatted(operation.method(), spelling, authorization, type);
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      socket.setSoTimeout(3_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      InputStream in = socket.getInputStream();
      String line = new String(in.readNBytes(12), StandardCharsets.ISO_8859_1);
      int status = line.length() == 12 ? Integer.parseInt(line.substring(9)) : 0;
      if (status != 0 && (status < 400 || status >= 500)) {
        violations.add(
            "%s %s answered %d to %s"
                .formatted(
                    operation.method(),
                    spelling,
                    status,
                    authorization.isEmpty() ? "nobody" : "a viewer"));
      }
    } catch (SocketTimeoutException silent) {
      violations.add("%s %s was not answered at all".formatted(operation.method(), spelling));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private Answer call(Operations.Operation operation, String path, String token, String body) {
    calls++;
    String type = operation.contentType().isEmpty() ? "application/json" : operation.contentType();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(PATIENCE)
            .header("Content-Type", type)
            .method(
                operation.method(),
                operation.method().equals("GET") || operation.method().equals("DELETE")
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token.replaceAll("[^!-~]", "_"));
    }
    try {
      HttpResponse<String> answer =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Answer(answer.statusCode(), answer.body());
    } catch (IOException failed) {
      throw new UncheckedIOException(operation + " as " + token, failed);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }

  /** A token of a new user for each call, so that signing out everywhere affects no other call. */
  private String token(String tenantId, String sessionId, Role role) {
    String user = "usr_01kaq3v7g8e2nb0p4m" + "%08d".formatted(calls);
    return Tokens.sign(
        Tokens.claims(tenantId, role).subject(user).claim(Claims.SESSION, sessionId), Claims.TYPE);
  }

  private void expect(Operations.Operation operation, String who, Answer answer, int status) {
    if (answer.status() != status) {
      violations.add(
          "%s answered %d instead of %d to %s: %s"
              .formatted(operation.id(), answer.status(), status, who, answer.body()));
    }
  }

  private void expectLetIn(Operations.Operation operation, String who, Answer answer) {
    // A 4xx about the content of the request comes from the operation itself, so the caller was let
    // in.
    boolean unauthorized = answer.status() == 401 && answer.body().contains("\"unauthorized\"");
    if (unauthorized || answer.status() == 403 || answer.status() >= 500) {
      violations.add(
          "%s answered %d to %s, who may call it: %s"
              .formatted(operation.id(), answer.status(), who, answer.body()));
    }
  }
}
