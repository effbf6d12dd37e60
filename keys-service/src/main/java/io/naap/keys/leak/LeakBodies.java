package io.naap.keys.leak;

import io.naap.contracts.edge.BodyRule;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Refuses reports before their body is read, unless they name a key of GitHub's that is or may be
 * known and carry a well-formed signature. The signature covers the body and is verified after
 * reading it.
 */
@Singleton
public class LeakBodies implements BodyRule.Table {
  private static final long MOST_BYTES = 256 * 1024;

  /** An ECDSA P-256 signature in DER, as base64. */
  private static final Pattern SIGNATURE = Pattern.compile("[A-Za-z0-9+/]{80,120}={0,2}");

  private final GitHubKeys gitHub;

  LeakBodies(GitHubKeys gitHub) {
    this.gitHub = gitHub;
  }

  @Override
  public List<BodyRule> rules() {
    return List.of(new BodyRule("/hooks/github/secret-scanning", MOST_BYTES, this::judge));
  }

  private Uni<Void> judge(RoutingContext context) {
    HttpServerRequest request = context.request();
    String keyId = request.getHeader("Github-Public-Key-Identifier");
    String signature = request.getHeader("Github-Public-Key-Signature");
    return keyId != null
            && signature != null
            && SIGNATURE.matcher(signature).matches()
            && gitHub.mayKnow(keyId)
        ? Uni.createFrom().voidItem()
        : Uni.createFrom().failure(LeakResource.unsigned());
  }
}
