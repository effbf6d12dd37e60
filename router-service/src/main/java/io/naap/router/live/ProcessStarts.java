package io.naap.router.live;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.edge.Edge;
import io.naap.contracts.keys.KeyProfile;
import io.naap.router.routing.RoutingTables;
import io.naap.router.workload.ByocHeader;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.ConnectException;
import java.util.Optional;
import java.util.regex.Pattern;

/** Starts BYOC streams: takes the hold, asks a gateway, and has the stream looked after. */
@Singleton
class ProcessStarts {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,300}");

  private final StreamStarts starts;
  private final LiveStreams streams;
  private final ProcessWatch watch;
  private final LiveSessions sessions;
  private final GatewayCalls gateways;
  private final RoutingTables tables;
  private final ObjectMapper json;

  ProcessStarts(
      StreamStarts starts,
      LiveStreams streams,
      ProcessWatch watch,
      LiveSessions sessions,
      GatewayCalls gateways,
      RoutingTables tables,
      ObjectMapper json) {
    this.starts = starts;
    this.streams = streams;
    this.watch = watch;
    this.sessions = sessions;
    this.gateways = gateways;
    this.tables = tables;
    this.json = json;
  }

  Future<Void> start(RoutingContext context, KeyProfile profile, ProcessRequests.Wanted wanted) {
    return starts
        .begin(
            profile,
            new StreamStarts.Wanted(
                ByocHeader.CAPABILITY,
                Optional.of(wanted.header().capability()),
                Edge.requestId(context),
                context.response().headers(),
                Optional.empty()))
        .compose(
            begun -> {
              // The gateway's webhook gets our name of the stream.
              Buffer told =
                  Buffer.buffer(
                      wanted.start().told(begun.session().streamId(), wanted.output()).toString());
              return starts.offer(begun, session -> ask(session, wanted.header(), told), 200);
            })
        .compose(taken -> taken(context, taken, wanted.start()));
  }

  private Future<GatewayCalls.Answer> ask(LiveSession session, ByocHeader header, Buffer told) {
    return gateways
        .ask(session.gateway(), GatewayCalls.Question.post("/process/stream/start", header, told))
        .onFailure(
            lost -> {
              if (!(lost instanceof ConnectException)) {
                // The gateway was asked and may have the stream, by both names that it was told.
                watch.abandon(session, session.streamId() + "-1");
              }
            });
  }

  private Future<Void> taken(RoutingContext context, StreamStarts.Taken taken, ProcessStart start) {
    LiveSession session = taken.session();
    ObjectNode urls = object(taken.answer().body());
    String name = urls.path("stream_id").asText("");
    if (!NAME.matcher(name).matches()) {
      // A gateway answers 200 for streams that it does not take, too.
      return starts.notTaken(session).mapEmpty();
    }
    ObjectNode answer =
        StreamAnswers.started(
            urls,
            tables.publicUrl() + "/process/stream/" + session.streamId(),
            session.streamId(),
            start.output());
    return sessions
        .locate(session.streamId(), name)
        .compose(saved -> watch.begin(session))
        // A stream that nobody looks after must not run.
        .onFailure(lost -> watch.stop(session, name))
        .onSuccess(
            watched -> {
              if (context.response().closed()) {
                // The client left, and does not know what to stop.
                var unused = watch.stop(session).compose(asked -> streams.end(session));
                return;
              }
              session.tell(context.response().headers());
              context
                  .response()
                  .putHeader("Content-Type", "application/json")
                  .end(answer.toString());
            });
  }

  private ObjectNode object(Buffer text) {
    try {
      return json.readTree(text.getBytes()) instanceof ObjectNode object
          ? object
          : json.createObjectNode();
    } catch (IOException unreadable) {
      return json.createObjectNode();
    }
  }
}
