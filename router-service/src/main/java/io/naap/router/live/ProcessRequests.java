package io.naap.router.live;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.problem.Refusal;
import io.naap.router.http.Upload;
import io.naap.router.http.Uploads;
import io.naap.router.routing.RoutingTables;
import io.naap.router.workload.ByocHeader;
import io.naap.router.workload.ByocHeaderReader;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Reads the requests of BYOC streams, and refuses outputs that a gateway must not open. */
@Singleton
class ProcessRequests {
  private static final long MAX_BODY = 4 << 20;

  /** How long the name of an output's host may be looked up. */
  private static final long NAME_MILLIS = 5_000;

  private final Uploads uploads;
  private final ByocHeaderReader headers;
  private final RoutingTables tables;
  private final ObjectMapper json;
  private final OutputTargets outputs;
  private final Vertx vertx;

  ProcessRequests(
      Uploads uploads,
      ByocHeaderReader headers,
      RoutingTables tables,
      ObjectMapper json,
      LiveConfig config,
      OutputTargets.Resolver names,
      Vertx vertx) {
    this.uploads = uploads;
    this.headers = headers;
    this.tables = tables;
    this.json = json;
    this.outputs = new OutputTargets(config.allowPrivateOutputs(), names);
    this.vertx = vertx;
  }

  /**
   * A stream that somebody wants to start.
   *
   * @param output its address as a gateway may open it
   */
  record Wanted(ByocHeader header, ProcessStart start, Optional<String> output) {}

  ByocHeader header(RoutingContext context, String tenantId) {
    return headers.read(
        context.request().getHeader("Livepeer"), tables.current().affinity(tenantId));
  }

  Future<Wanted> start(RoutingContext context, String tenantId, ByocHeader header) {
    return uploads
        .of(context, tenantId)
        .json(MAX_BODY, this::object)
        .compose(
            body -> {
              ProcessStart start = ProcessStart.read(body);
              return checked(start).map(output -> new Wanted(header, start, output));
            });
  }

  Future<Buffer> json(RoutingContext context, String tenantId) {
    return uploads.of(context, tenantId).json(MAX_BODY, text -> text);
  }

  Upload upload(RoutingContext context, String tenantId) {
    return uploads.of(context, tenantId);
  }

  private ObjectNode object(Buffer body) {
    try {
      if (body.length() == 0) {
        return json.createObjectNode();
      }
      if (json.readTree(body.getBytes()) instanceof ObjectNode object) {
        return object;
      }
    } catch (IOException unreadable) {
      throw Refusal.of(400, "malformed_json", "The body is not valid JSON.").raise();
    }
    throw Refusal.invalid("The body must be a JSON object.").raise();
  }

  /** Checks an output; its host's name is looked up on a worker thread. */
  private Future<Optional<String>> checked(ProcessStart start) {
    if (start.output().isEmpty()) {
      return Future.succeededFuture(Optional.empty());
    }
    String output = start.output().get();
    return vertx
        .executeBlocking(() -> outputs.check(output), false)
        .timeout(NAME_MILLIS, TimeUnit.MILLISECONDS)
        .recover(
            late ->
                Future.succeededFuture(
                    new OutputTargets.Checked.Refused("rtmp_output: its host has no address.")))
        .map(
            checked ->
                switch (checked) {
                  case OutputTargets.Checked.Allowed allowed -> Optional.of(allowed.url());
                  case OutputTargets.Checked.Refused refused ->
                      throw Refusal.invalid(refused.reason()).raise();
                });
  }
}
