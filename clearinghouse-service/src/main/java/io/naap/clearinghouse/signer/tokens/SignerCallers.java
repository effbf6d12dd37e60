package io.naap.clearinghouse.signer.tokens;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.contracts.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Recognises callers by their {@code Authorization} header: a bearer token, the password of basic
 * authentication (which is what user-info in a URL becomes), or the SDK's whole token as a bearer.
 */
public final class SignerCallers {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MIN_TOKEN = 16;
  private static final int MAX_HEADER = 4_096;

  private final Map<SignerCaller, Secret> tokens = new LinkedHashMap<>();

  public SignerCallers(Map<String, SignerConfig.CallerConfig> callers) {
    callers.forEach(
        (name, caller) -> {
          String property = "naap.clearinghouse.signer.callers." + name;
          if (caller.gateway().isPresent() == caller.tenant().isPresent()) {
            throw new IllegalStateException(property + " needs either .gateway or .tenant");
          }
          if (caller.token().reveal().length() < MIN_TOKEN) {
            throw new IllegalStateException(property + ".token needs at least 16 characters");
          }
          tokens.put(
              new SignerCaller(name, caller.gateway(), caller.tenant(), caller.tier()),
              caller.token());
        });
  }

  /**
   * A credential as a caller sent it.
   *
   * @param name of basic authentication; absent for a bearer token
   */
  public record Credential(Optional<String> name, String token) {
    /** Does not print the secret. */
    @Override
    public String toString() {
      return "Credential[secret]";
    }
  }

  /** Reads an {@code Authorization} header; absent when it holds no credential of these kinds. */
  public static Optional<Credential> read(String authorization) {
    if (authorization == null || authorization.length() > MAX_HEADER) {
      return Optional.empty();
    }
    int space = authorization.indexOf(' ');
    if (space < 0) {
      return Optional.empty();
    }
    String scheme = authorization.substring(0, space);
    String credentials = authorization.substring(space + 1).strip();
    if ("bearer".equalsIgnoreCase(scheme)) {
      return Optional.of(
          bundled(credentials).orElseGet(() -> new Credential(Optional.empty(), credentials)));
    }
    return "basic".equalsIgnoreCase(scheme) ? basic(credentials) : Optional.empty();
  }

  private static Optional<Credential> basic(String credentials) {
    try {
      String pair = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon < 0
          ? Optional.empty()
          : Optional.of(
              new Credential(
                  Optional.of(pair.substring(0, colon)).filter(name -> !name.isEmpty()),
                  pair.substring(colon + 1)));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  /** The bearer token inside the SDK's token, when the bearer token is one of those. */
  private static Optional<Credential> bundled(String token) {
    if (!token.startsWith("ey")) {
      return Optional.empty();
    }
    try {
      JsonNode bundle = tree(new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8));
      String header = bundle.path("signer_headers").path("Authorization").asText("");
      String bearer = "Bearer ";
      return header.startsWith(bearer)
          ? Optional.of(new Credential(Optional.empty(), header.substring(bearer.length())))
          : Optional.empty();
    } catch (IllegalArgumentException | JsonProcessingException notABundle) {
      return Optional.empty();
    }
  }

  private static JsonNode tree(String json) throws JsonProcessingException {
    return JSON.readTree(json);
  }

  /** Compares with every configured token, so that the time it takes reveals nothing. */
  public Optional<SignerCaller> find(Credential credential) {
    SignerCaller found = null;
    for (Map.Entry<SignerCaller, Secret> one : tokens.entrySet()) {
      boolean same = one.getValue().matches(credential.token());
      if (same && credential.name().map(one.getKey().name()::equals).orElse(true)) {
        found = one.getKey();
      }
    }
    return Optional.ofNullable(found);
  }
}
