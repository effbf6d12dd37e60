package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
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
 * {"id","capability","timeout_seconds","request","parameters"}}, the last two being JSON in a text
 * (go-livepeer byoc/job_gateway.go). The gateway refuses an empty one and fails on a missing one,
 * so both are looked at here.
 *
 * @param seconds the most the job may take
 * @param value for the gateway, with the tenant's affinity in it
 */
public record ByocHeader(String capability, long seconds, String value) {
  private static final int MAX_SECONDS = 3600;
  private static final Set<String> READ =
      Set.of("id", "capability", "timeout_seconds", "request", "parameters");

  /**
   * Reads the header as a client sent it.
   *
   * @param affinity orchestrators the operator wants the tenant's jobs at; they go before what the
   *     client asks for
   * @param parse reads a JSON text; the second is its name for whoever sent it
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
    job.fieldNames().forEachRemaining(name -> Given.spelledAs(READ, name));
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
    // The gateway refuses an empty one.
    var unused =
        parse.apply(Buffer.buffer(job.path("request").asText("")), "Livepeer header's request");
    JsonNode parameters =
        parse.apply(
            Buffer.buffer(job.path("parameters").asText("")), "Livepeer header's parameters");
    return new ByocHeader(capability, seconds, value(header, job, parameters, affinity));
  }

  private static String value(String header, JsonNode job, JsonNode parameters, Affinity affinity) {
    if (!affinity.hasByoc()
        || !(job instanceof ObjectNode changed)
        || !(parameters instanceof ObjectNode wished)) {
      return header;
    }
    ObjectNode orchestrators = wished.withObject("/orchestrators");
    if (!affinity.include().isEmpty()) {
      affinity.include().forEach(orchestrators.putArray("include")::add);
    }
    affinity.exclude().forEach(orchestrators.withArray("/exclude")::add);
    changed.put("parameters", wished.toString());
    return Base64.getEncoder().encodeToString(changed.toString().getBytes(StandardCharsets.UTF_8));
  }
}
