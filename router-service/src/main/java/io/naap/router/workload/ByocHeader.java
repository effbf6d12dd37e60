package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.text.PlainText;
import io.naap.router.routing.Affinity;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * The {@code Livepeer} header of BYOC jobs: base64 of {@code
 * {"id","capability","timeout_seconds","request","parameters"}}, where the last two are JSON in a
 * text (go-livepeer byoc/job_gateway.go). The gateway refuses an empty {@code request} and fails on
 * a missing one, so the router checks both.
 *
 * @param seconds the most time the job may take
 * @param value the header for the gateway, with the orchestrators that the operator chose for the
 *     tenant
 */
public record ByocHeader(String capability, long seconds, String value) {
  /** The capability of all BYOC jobs and streams; the container's own name is the model. */
  public static final String CAPABILITY = "byoc";

  private static final int MAX_SECONDS = 3600;
  private static final Set<String> READ =
      Set.of("id", "capability", "timeout_seconds", "request", "parameters");
  private static final Set<String> PARAMETERS =
      Set.of("orchestrators", "enable_video_ingress", "enable_video_egress", "enable_data_output");
  private static final Set<String> ORCHESTRATORS = Set.of("include", "exclude");

  /**
   * Reads the header that a client sent.
   *
   * @param affinity orchestrators that the operator chose for the tenant; they win over the
   *     client's choice
   * @param parse parses a JSON text; its second argument is the text's name in an error message
   */
  static ByocHeader read(
      String header, Affinity affinity, BiFunction<Buffer, String, JsonNode> parse) {
    if (header == null) {
      throw Refusal.invalid("Send the Livepeer header: base64 of the job's JSON.").raise();
    }
    JsonNode job;
    try {
      job = parse.apply(Buffer.buffer(Base64.getDecoder().decode(header)), "Livepeer");
    } catch (IllegalArgumentException unreadable) {
      throw Refusal.invalid("The Livepeer header is not base64.").raise();
    }
    job.fieldNames().forEachRemaining(name -> JsonBodyEditor.spelledAs(READ, name));
    String capability = job.path("capability").asText("");
    long seconds = job.path("timeout_seconds").asLong(0);
    if (capability.isBlank()
        || capability.length() > 200
        || !PlainText.isLine(capability)
        || !job.path("timeout_seconds").isIntegralNumber()
        || seconds < 1
        || seconds > MAX_SECONDS) {
      throw Refusal.invalid(
              "The Livepeer header needs capability and timeout_seconds from 1 to "
                  + MAX_SECONDS
                  + ".")
          .raise();
    }
    // The gateway refuses an empty request.
    var unused =
        parse.apply(Buffer.buffer(job.path("request").asText("")), "Livepeer header's request");
    JsonNode parameters =
        parse.apply(
            Buffer.buffer(job.path("parameters").asText("")), "Livepeer header's parameters");
    parameters.fieldNames().forEachRemaining(name -> JsonBodyEditor.spelledAs(PARAMETERS, name));
    parameters
        .path("orchestrators")
        .fieldNames()
        .forEachRemaining(name -> JsonBodyEditor.spelledAs(ORCHESTRATORS, name));
    return new ByocHeader(capability, seconds, value(job, parameters, affinity));
  }

  /**
   * Writes the header anew with the fields that were read: a gateway knows more fields, which only
   * the operator may set.
   */
  private static String value(JsonNode job, JsonNode parameters, Affinity affinity) {
    ObjectNode told = JsonNodeFactory.instance.objectNode();
    job.properties().stream()
        .filter(field -> READ.contains(field.getKey()))
        .forEach(field -> told.set(field.getKey(), field.getValue()));
    if (affinity.hasByoc() && parameters instanceof ObjectNode wished) {
      told.put("parameters", preferring(affinity, wished));
    }
    return Base64.getEncoder().encodeToString(told.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String preferring(Affinity affinity, ObjectNode wished) {
    JsonNode given = wished.path("orchestrators");
    if (!(given.isMissingNode() || given.isNull() || given.isObject())
        || !isList(given.path("include"))
        || !isList(given.path("exclude"))) {
      throw Refusal.invalid(
              "parameters.orchestrators of the Livepeer header must be an object whose include and"
                  + " exclude are lists.")
          .raise();
    }
    ObjectNode orchestrators =
        given.isObject() ? (ObjectNode) given : wished.putObject("orchestrators");
    if (!affinity.exclude().isEmpty() && !orchestrators.path("exclude").isArray()) {
      orchestrators.putArray("exclude");
    }
    if (!affinity.include().isEmpty()) {
      affinity.include().forEach(orchestrators.putArray("include")::add);
    }
    affinity.exclude().forEach(orchestrators.withArray("/exclude")::add);
    return wished.toString();
  }

  private static boolean isList(JsonNode given) {
    return given.isMissingNode() || given.isNull() || given.isArray();
  }
}
