package io.naap.clearinghouse.signer;

import io.naap.contracts.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Recognises callers by their {@code Authorization} header. */
final class SignerCallers {
  private static final int MIN_TOKEN = 16;

  private final Map<SignerCaller, Secret> tokens = new LinkedHashMap<>();

  SignerCallers(Map<String, SignerConfig.CallerConfig> callers) {
    callers.forEach(
        (name, caller) -> {
          String property = "naap.clearinghouse.signer.callers." + name;
          if (caller.gateway().isPresent() == caller.tenant().isPresent()) {
            throw new IllegalStateException(property + " needs either .gateway or .tenant");
          }
          if (caller.token().reveal().length() < MIN_TOKEN) {
            throw new IllegalStateException(property + ".token needs at least 16 characters");
          }
          tokens.put(new SignerCaller(name, caller.gateway(), caller.tenant()), caller.token());
        });
  }

  Optional<SignerCaller> find(String authorization) {
    if (authorization == null) {
      return Optional.empty();
    }
    int space = authorization.indexOf(' ');
    if (space < 0) {
      return Optional.empty();
    }
    String scheme = authorization.substring(0, space);
    String credentials = authorization.substring(space + 1).strip();
    if ("bearer".equalsIgnoreCase(scheme)) {
      return find(Optional.empty(), credentials);
    }
    return "basic".equalsIgnoreCase(scheme) ? basic(credentials) : Optional.empty();
  }

  private Optional<SignerCaller> basic(String credentials) {
    try {
      String pair = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon < 0
          ? Optional.empty()
          : find(Optional.of(pair.substring(0, colon)), pair.substring(colon + 1));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  /** Compares with every token, so that the time taken says nothing. */
  private Optional<SignerCaller> find(Optional<String> name, String token) {
    SignerCaller found = null;
    for (Map.Entry<SignerCaller, Secret> one : tokens.entrySet()) {
      boolean same = one.getValue().matches(token);
      if (same && name.map(one.getKey().name()::equals).orElse(true)) {
        found = one.getKey();
      }
    }
    return Optional.ofNullable(found);
  }
}
