package io.naap.keys.leak;

import io.naap.contracts.json.Json;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/**
 * Holds GitHub's public keys, from the configuration or fetched from GitHub. An unknown key id
 * triggers a new fetch, at most once per {@link LeakConfig#askAtMostEvery}, so strangers cannot
 * make the service send requests.
 */
@ApplicationScoped
class GitHubKeys {
  private static final Logger LOG = Logger.getLogger(GitHubKeys.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int LONGEST = 256 * 1024;
  private static final int MOST = 100;

  /** The order of the curve P-256. */
  private static final BigInteger ORDER =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  private final LeakConfig config;
  private final Clock clock;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final Map<String, PublicKey> known = new ConcurrentHashMap<>();
  private final AtomicReference<Instant> asked = new AtomicReference<>(Instant.MIN);

  GitHubKeys(LeakConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
    config
        .githubKeys()
        .forEach(
            (id, pem) ->
                known.put(
                    id,
                    key(pem)
                        .orElseThrow(
                            () ->
                                new IllegalStateException(
                                    "naap.leaks.github-keys is not a P-256 public key in PEM"))));
  }

  /** False when a key is unknown and may not be fetched now. */
  boolean mayKnow(String id) {
    return known.containsKey(id)
        || (config.githubKeysUrl().isPresent()
            && !asked.get().isAfter(clock.instant().minus(config.askAtMostEvery())));
  }

  /** True when that key signed exactly these bytes. */
  Uni<Boolean> signed(String id, String signature, byte[] body) {
    PublicKey key = known.get(id);
    if (key != null) {
      return Uni.createFrom().item(verifies(key, signature, body));
    }
    Instant now = clock.instant();
    Instant last = asked.get();
    if (config.githubKeysUrl().isEmpty()
        || last.isAfter(now.minus(config.askAtMostEvery()))
        || !asked.compareAndSet(last, now)) {
      return Uni.createFrom().item(false);
    }
    return fetch().map(done -> known.containsKey(id) && verifies(known.get(id), signature, body));
  }

  private Uni<Boolean> fetch() {
    HttpRequest request =
        HttpRequest.newBuilder(config.githubKeysUrl().orElseThrow())
            .timeout(PATIENCE)
            .header("Accept", "application/json")
            .build();
    // The result is delivered on the Vert.x context of the request.
    Context caller = Vertx.currentContext();
    return Uni.createFrom()
        .completionStage(
            () ->
                http.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream())
                    .thenApplyAsync(this::learn))
        .onFailure()
        .recoverWithItem(
            failure -> {
              LOG.warnf("GitHub's public keys were not fetched: %s", failure.getMessage());
              return false;
            })
        .emitOn(command -> caller.runOnContext(there -> command.run()));
  }

  private boolean learn(HttpResponse<InputStream> answer) {
    try (InputStream body = answer.body()) {
      byte[] bytes = body.readNBytes(LONGEST);
      if (answer.statusCode() != 200 || bytes.length == LONGEST) {
        throw new IOException("status " + answer.statusCode() + ", bytes " + bytes.length);
      }
      PublishedKeys list =
          Json.read(new String(bytes, StandardCharsets.UTF_8), PublishedKeys.class);
      for (PublishedKeys.One one : list.publicKeys().stream().limit(MOST).toList()) {
        key(one.key()).ifPresent(key -> known.put(one.keyIdentifier(), key));
      }
      return true;
    } catch (IOException unreadable) {
      throw new java.io.UncheckedIOException(unreadable);
    }
  }

  private static boolean verifies(PublicKey key, String signature, byte[] body) {
    try {
      Signature verifier = Signature.getInstance("SHA256withECDSA");
      verifier.initVerify(key);
      verifier.update(body);
      return verifier.verify(Base64.getDecoder().decode(signature));
    } catch (GeneralSecurityException | IllegalArgumentException notOne) {
      return false;
    }
  }

  private static Optional<PublicKey> key(String pem) {
    try {
      String base64 =
          pem.replaceAll("-----(BEGIN|END) PUBLIC KEY-----", "").replaceAll("\\s|\\\\n", "");
      PublicKey key =
          KeyFactory.getInstance("EC")
              .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(base64)));
      return key instanceof ECPublicKey curve && curve.getParams().getOrder().equals(ORDER)
          ? Optional.of(key)
          : Optional.empty();
    } catch (GeneralSecurityException | IllegalArgumentException notOne) {
      return Optional.empty();
    }
  }
}
