package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.edge.BodyReader;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.http.Upload;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A segment of a pushed stream; paid by the pixels of its renditions. The gateway gets another name
 * for the stream, made of the tenant, the stream and a mark of the renditions, because it makes for
 * a whole stream what the stream's first segment asked for.
 */
final class Transcoding implements Workload {
  private static final String CONFIGURATION = "Livepeer-Transcode-Configuration";
  private static final String STREAM_NAME = "[A-Za-z0-9_.-]{1,128}";
  private static final Pattern STREAM = Pattern.compile(STREAM_NAME);
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
  private static final long USUAL_MILLIS = 2_000;

  /**
   * Fields, folded, by which a gateway names a stream or has it transcoded twice. It would believe
   * them rather than the path, so they are taken out.
   */
  private static final Set<String> OPERATOR_ONLY =
      Set.of(
          "manifestid",
          "streamid",
          "sessionid",
          "streamkey",
          "previoussessions",
          "verificationfreq");

  /** Fields, folded, with addresses that a gateway would open from inside its network. */
  private static final Set<String> STORES =
      Set.of("objectstore", "recordobjectstore", "recordobjectstoreurl");

  private final Endpoint endpoint;
  private final JsonRequest json;
  private final long maxBytes;
  private final int headBytes;
  private final long sourceFramesPerSecond;
  private final Renditions defaultRenditions;

  Transcoding(WorkloadConfig config, JsonRequest json, Endpoint endpoint) {
    this.endpoint = endpoint;
    this.json = json;
    this.maxBytes = config.segmentMaxBytes();
    this.headBytes = config.headBytes();
    this.sourceFramesPerSecond = config.sourceFramesPerSecond();
    if (sourceFramesPerSecond < 1 || sourceFramesPerSecond > 240) {
      throw new IllegalArgumentException("naap.workload.source-frames-per-second must be 1 to 240");
    }
    try {
      this.defaultRenditions = Renditions.ofPresets(config.renditions());
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException("naap.workload.renditions " + wrong.getMessage(), wrong);
    }
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public String capability() {
    return "transcoding";
  }

  @Override
  public Future<ParsedRequest> read(Upload upload, String tenantId) {
    String stream = upload.pathParam("stream");
    if (!STREAM.matcher(stream).matches()) {
      throw Refusal.invalid("The stream's name must match " + STREAM_NAME + ".").raise();
    }
    long declaredMillis = duration(upload.getHeader("Content-Duration"));
    if (upload.declared() > maxBytes) {
      throw BodyReader.tooLarge(maxBytes);
    }
    ObjectNode configuration = configuration(upload.getHeader(CONFIGURATION));
    Renditions renditions = renditions(configuration, declaredMillis);
    Map<String, String> headers =
        upload.headers(
            "Content-Type",
            "Content-Resolution",
            "Content-Slice-From",
            "Content-Slice-To",
            "Accept");
    headers.put(CONFIGURATION, configuration.toString());
    String name = tenantId + "-" + stream + "-" + renditions.mark();
    String uri = "/live/" + name + "/" + upload.pathParam("file");
    return upload
        .beginning(headBytes)
        .map(
            head -> {
              SegmentTime time = SegmentTime.begin(head.bytes(), declaredMillis);
              long expected = time.expected(upload.declared());
              requireFewPixels(renditions.pixels(expected));
              headers.put("Content-Duration", Long.toString(expected));
              Segment segment = new Segment(renditions, time, expected);
              Body body = body(head, upload.declared(), time);
              return new ParsedRequest(
                  this,
                  Optional.empty(),
                  Optional.of(name),
                  true,
                  model -> segment.job(uri, headers, body));
            });
  }

  private Body body(Upload.Beginning head, long declared, SegmentTime time) {
    return new Body.Streamed(head.bytes(), declared, head.ended(), maxBytes, new TimedCheck(time));
  }

  private record Segment(Renditions renditions, SegmentTime time, long expectedMillis) {
    Job job(String uri, Map<String, String> headers, Body body) {
      // A gateway answers with the renditions when asked for multipart/mixed, else with no body.
      boolean multipart = headers.getOrDefault("Accept", "").contains("multipart/mixed");
      return new Job(
          new Job.Estimate(
              units(SegmentTime.MOST_MILLIS), Optional.of(units(expectedMillis)), Optional.empty()),
          new Job.Outgoing(
              uri, headers, body, multipart ? Job.Answer.THROUGH : Job.Answer.THROUGH_OR_EMPTY),
          (answer, delivered) -> units(time.measured()));
    }

    private Units units(long millis) {
      return Units.of(Unit.REQUESTS, 1)
          .with(Unit.MILLISECONDS, millis)
          .with(Unit.PIXELS, Math.min(Units.MOST, renditions.pixels(millis)));
    }
  }

  /** Measures the segment's length as its bytes pass. */
  private record TimedCheck(SegmentTime time) implements BodyCheck {
    @Override
    public Buffer see(Buffer bytes) {
      time.pass(bytes);
      return bytes;
    }

    @Override
    public Buffer end() {
      return Buffer.buffer();
    }
  }

  private static void requireFewPixels(long pixels) {
    if (pixels > Units.MOST) {
      throw Refusal.invalid(
              "A segment's renditions may have " + Units.MOST + " pixels, not " + pixels + ".")
          .raise();
    }
  }

  /** Takes the renditions out of the configuration, and writes them in again as they were read. */
  Renditions renditions(ObjectNode configuration, long millis) {
    Renditions asked =
        Renditions.read(
            taken(configuration, "presets"),
            taken(configuration, "profiles"),
            defaultRenditions,
            sourceFramesPerSecond);
    requireFewPixels(asked.pixels(millis));
    asked.tell(configuration);
    return asked;
  }

  /** A segment's configuration, without the fields that only the operator may set. */
  ObjectNode configuration(String header) {
    if (header == null) {
      return JsonNodeFactory.instance.objectNode();
    }
    if (!(json.parse(Buffer.buffer(header), CONFIGURATION) instanceof ObjectNode configuration)) {
      throw Refusal.invalid(CONFIGURATION + " must be a JSON object.").raise();
    }
    for (Map.Entry<String, JsonNode> field : configuration.properties()) {
      if (STORES.contains(JsonBodyEditor.folded(field.getKey()))) {
        throw Refusal.invalid(
                CONFIGURATION
                    + " may not have "
                    + field.getKey()
                    + ": renditions come with the answer, ask for them with Accept:"
                    + " multipart/mixed.")
            .raise();
      }
    }
    return configuration.remove(
        configuration.properties().stream()
            .map(Map.Entry::getKey)
            .filter(field -> OPERATOR_ONLY.contains(JsonBodyEditor.folded(field)))
            .toList());
  }

  /** Takes a field out, in whatever case it is written; refuses one that is there twice. */
  private static JsonNode taken(ObjectNode configuration, String field) {
    List<String> names =
        configuration.properties().stream()
            .map(Map.Entry::getKey)
            .filter(name -> JsonBodyEditor.folded(name).equals(field))
            .toList();
    if (names.size() > 1) {
      throw Refusal.invalid(CONFIGURATION + " has its " + field + " twice.").raise();
    }
    return names.isEmpty() ? null : configuration.remove(names.getFirst());
  }

  static long duration(String header) {
    if (header == null) {
      return USUAL_MILLIS;
    }
    if (!NUMBER.matcher(header).matches()
        || Long.parseLong(header) < 1
        || Long.parseLong(header) > SegmentTime.MOST_MILLIS) {
      throw Refusal.invalid(
              "Content-Duration must be the segment's length in milliseconds, 1 to 300000.")
          .raise();
    }
    return Long.parseLong(header);
  }

  @Override
  public boolean isComplete(JsonNode answer) {
    return true;
  }
}
