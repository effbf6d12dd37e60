package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.contracts.edge.BodyReader;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.http.Upload;
import io.naap.router.routing.RoutingTables;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Optional;

/**
 * A job for a container that a customer brought (BYOC). Its Livepeer header says what it is, its
 * body passes untouched, and it is paid by the time it runs.
 */
record ByocJob(long maxBytes, ByocHeaderReader headers, RoutingTables tables) implements Workload {
  @Override
  public Endpoint endpoint() {
    return Endpoint.PROCESS;
  }

  @Override
  public String capability() {
    return ByocHeader.CAPABILITY;
  }

  @Override
  public Future<ParsedRequest> read(Upload upload, String tenantId) {
    ByocHeader header =
        headers.read(upload.getHeader("Livepeer"), tables.current().affinity(tenantId));
    if (upload.declared() > maxBytes) {
      throw BodyReader.tooLarge(maxBytes);
    }
    Map<String, String> told = upload.headers("Content-Type", "Accept");
    told.put("Livepeer", header.value());
    return Future.succeededFuture(
        ParsedRequest.of(
            this,
            Optional.of(header.capability()),
            model -> job(header, upload.uri(), told, upload.declared())));
  }

  Job job(ByocHeader header, String uri, Map<String, String> told, long declared) {
    return new Job(
        Job.Estimate.exact(units(header.seconds() * 1000)),
        new Job.Outgoing(
            uri,
            told,
            new Body.Streamed(Buffer.buffer(), declared, false, maxBytes),
            Job.Answer.THROUGH),
        (answer, delivered) -> units(Math.max(1, delivered.millis())));
  }

  private static Units units(long millis) {
    return Units.of(Unit.REQUESTS, 1).with(Unit.MILLISECONDS, millis);
  }

  @Override
  public boolean isComplete(JsonNode answer) {
    return true;
  }

  @Override
  public boolean isContainer() {
    return true;
  }
}
