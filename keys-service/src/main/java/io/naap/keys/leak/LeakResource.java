package io.naap.keys.leak;

import io.naap.contracts.json.Json;
import io.naap.contracts.problem.Refusal;
import io.naap.keys.apikey.PostgresKeyStore;
import io.naap.keys.metrics.KeysMetrics;
import io.naap.keys.outbox.Changes;
import io.naap.keys.verification.Checked;
import io.naap.keys.verification.KeyCheck;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.logging.Logger;

/**
 * Receives the reports of GitHub's secret-scanning partner program. The endpoint is open, but only
 * reports that GitHub has signed are accepted.
 */
@Path("/hooks/github/secret-scanning")
@PermitAll
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class LeakResource {
  private static final Logger LOG = Logger.getLogger(LeakResource.class);
  private static final int LONGEST_REASON = 500;

  private final GitHubKeys gitHub;
  private final KeyCheck keys;
  private final PostgresKeyStore store;
  private final Changes changes;
  private final KeysMetrics metrics;
  private final LeakConfig config;

  LeakResource(
      GitHubKeys gitHub,
      KeyCheck keys,
      PostgresKeyStore store,
      Changes changes,
      KeysMetrics metrics,
      LeakConfig config) {
    this.gitHub = gitHub;
    this.keys = keys;
    this.store = store;
    this.changes = changes;
    this.metrics = metrics;
    this.config = config;
  }

  /** Deletes the keys in a signed report and answers which findings were real keys. */
  @POST
  @Operation(
      operationId = "reportLeakedKeys",
      summary = "Keys found in public (GitHub secret scanning); real ones are revoked at once")
  @RequestBody(content = @Content(schema = @Schema(implementation = Finding[].class)))
  @APIResponse(
      responseCode = "200",
      description = "Which were real",
      content = @Content(schema = @Schema(implementation = Feedback[].class)))
  @APIResponse(responseCode = "401", description = "Not signed by GitHub")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Uni<List<Feedback>> report(
      @HeaderParam("Github-Public-Key-Identifier") String keyId,
      @HeaderParam("Github-Public-Key-Signature") String signature,
      byte[] body) {
    if (keyId == null || signature == null || body == null) {
      throw unsigned();
    }
    return gitHub
        .signed(keyId, signature, body)
        .flatMap(
            isSigned -> {
              if (!isSigned) {
                throw unsigned();
              }
              return Multi.createFrom()
                  .items(findings(body).stream())
                  .onItem()
                  .transformToUniAndConcatenate(this::answer)
                  .collect()
                  .asList();
            });
  }

  private List<Finding> findings(byte[] body) {
    Finding[] findings = read(body);
    if (findings == null || findings.length > config.findingsMax()) {
      throw Refusal.invalid("Send an array of at most " + config.findingsMax() + " findings.")
          .raise();
    }
    for (Finding finding : findings) {
      if (finding == null || finding.token() == null || finding.type() == null) {
        throw Refusal.invalid("Every finding needs a token and a type.").raise();
      }
    }
    return List.of(findings);
  }

  private static Finding[] read(byte[] body) {
    try {
      return Json.read(new String(body, StandardCharsets.UTF_8), Finding[].class);
    } catch (IllegalArgumentException unreadable) {
      throw noFindings();
    }
  }

  private static Refusal.RefusedException noFindings() {
    return Refusal.invalid("Send a JSON array of findings.").raise();
  }

  private Uni<Feedback> answer(Finding finding) {
    return keys.look(finding.token())
        .flatMap(
            checked ->
                switch (checked) {
                  case Checked.Good good ->
                      revoke(good.profile().keyId(), finding).replaceWith("true_positive");
                  // The finding is a real key. Its key is deleted unless this secret has already
                  // ended by a rotation.
                  case Checked.Ended ended ->
                      (ended.isSecretGood()
                              ? revoke(ended.keyId(), finding)
                              : Uni.createFrom().voidItem())
                          .replaceWith("true_positive");
                  case Checked.Bad bad -> Uni.createFrom().item("false_positive");
                })
        .invoke(metrics::leaked)
        .map(label -> new Feedback(sha256(finding.token()), finding.type(), label));
  }

  private Uni<Void> revoke(String keyId, Finding finding) {
    String reason = reason(finding);
    return Panache.withTransaction(() -> store.revoke(keyId, reason))
        .invoke(
            revoked -> {
              changes.committed();
              if (revoked) {
                LOG.warnf("key revoked because it was found in public, key=%s", keyId);
              }
            })
        .replaceWithVoid();
  }

  private static String reason(Finding finding) {
    String reason =
        ("leaked: found by GitHub in " + finding.source() + " at " + finding.url())
            .replaceAll("\\p{Cntrl}", " ");
    return reason.substring(0, Math.min(reason.length(), LONGEST_REASON));
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  static Refusal.RefusedException unsigned() {
    return Refusal.of(
            401,
            "signature_invalid",
            "The report is not signed with a key of GitHub's that we know.")
        .raise();
  }
}
