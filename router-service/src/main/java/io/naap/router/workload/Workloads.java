package io.naap.router.workload;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.edge.BodyReader;
import io.naap.contracts.edge.EdgeConfig;
import io.naap.contracts.json.JsonLimits;
import io.naap.contracts.json.JsonScan;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.problem.UnreadableJson;
import io.naap.router.http.Upload;
import io.naap.router.routing.Affinity;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Reads the requests of each path: checks what money depends on, makes defaults explicit, and says
 * how the job is estimated and measured. What only the gateway cares about passes untouched.
 */
@Singleton
public class Workloads {
  /** The capability of all containers that customers bring; their own names are its models. */
  public static final String BYOC = "byoc";

  private static final long MAX_SIDE = 8192;
  private static final long MAX_IMAGES = 20;
  private static final long MAX_TOKENS = 1_000_000;
  private static final long VIDEO_FRAMES = 25;

  /** A slow reader takes so long for a character, and for a beginning and an end. */
  private static final long SPOKEN_CHARACTER_MILLIS = 150;

  private static final long SPOKEN_PAUSES_MILLIS = 2_000;

  private static final int MAX_SPOKEN_CHARACTERS = 4096;
  private static final Pattern SIZE = Pattern.compile("[0-9]{1,5}x[0-9]{1,5}");
  private static final Pattern JSON_TYPE =
      Pattern.compile(
          "application/json\\s*(;\\s*charset\\s*=\\s*\"?utf-8\"?\\s*)?;?\\s*",
          Pattern.CASE_INSENSITIVE);

  private static final String TRANSCODE_CONFIGURATION = "Livepeer-Transcode-Configuration";

  /**
   * What a gateway takes a pushed stream for, which it would believe more than the path, and how
   * often it has segments transcoded by several; folded.
   */
  private static final Set<String> NOT_THE_CLIENTS =
      Set.of(
          "manifestid",
          "streamid",
          "sessionid",
          "streamkey",
          "previoussessions",
          "verificationfreq");

  /** Addresses that a gateway would open, from inside its network; folded. */
  private static final Set<String> STORES =
      Set.of("objectstore", "recordobjectstore", "recordobjectstoreurl");

  /** Capabilities whose gateway reads a picture. */
  static final Set<String> PICTURES_IN =
      Set.of("image-to-image", "upscale", "segment-anything-2", "image-to-text", "image-to-video");

  /** What a gateway decodes, to measure it. */
  private static final Set<Media.Picture> DECODED =
      Set.of(Media.Picture.PNG, Media.Picture.JPEG, Media.Picture.GIF);

  /** What runners take where the gateway does not decode. */
  private static final Set<Media.Picture> PASSED_ON =
      Set.of(Media.Picture.PNG, Media.Picture.JPEG, Media.Picture.GIF, Media.Picture.WEBP);

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  private final WorkloadConfig config;
  private final ObjectMapper json;
  private final JsonLimits limits;
  private final Renditions renditions;

  /** What is passed on as it came must say to the gateway what it says here. */
  private final ObjectReader strict;

  Workloads(WorkloadConfig config, EdgeConfig edge, ObjectMapper json) {
    this.config = config;
    this.json = json;
    this.limits = edge.jsonLimits();
    if (config.sourceFramesPerSecond() < 1 || config.sourceFramesPerSecond() > 240) {
      throw new IllegalArgumentException("naap.workload.source-frames-per-second must be 1 to 240");
    }
    try {
      this.renditions = Renditions.ofPresets(config.renditions());
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException("naap.workload.renditions " + wrong.getMessage(), wrong);
    }
    this.strict =
        json.reader()
            .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }

  // --- JSON pipelines ---

  public Future<ParsedRequest> textToImage(Upload request) {
    return object(request)
        .map(
            given -> {
              ObjectNode body = given.body();
              text(body, "prompt", true);
              long width = integer(body, "width", 512, 1, MAX_SIDE);
              long height = integer(body, "height", 512, 1, MAX_SIDE);
              long images = integer(body, "num_images_per_prompt", 1, 1, MAX_IMAGES);
              long pixels = width * height;
              given.explicit("width", width);
              given.explicit("height", height);
              given.explicit("num_images_per_prompt", images);
              return ParsedRequest.of(
                  "text-to-image",
                  text(body, "model_id", false),
                  model -> {
                    given.explicit("model_id", model);
                    return new ImageJob(
                        new SimpleJob(
                            pictures(pixels, images),
                            "/text-to-image",
                            jsonHeaders(),
                            new Body.Whole(given.forwarded()),
                            Job.Answer.JSON,
                            (answer, delivered) -> pictures(pixels, answered(answer, images))),
                        images,
                        Optional.of((before, count) -> someOf(body, before, count)));
                  });
            });
  }

  /** OpenAI's images from a text: sizes and counts by its names, answers by URL. */
  public Future<ParsedRequest> imageGenerations(Upload request) {
    return object(request)
        .map(
            given -> {
              ObjectNode body = given.body();
              if (text(body, "response_format", false).filter(f -> !f.equals("url")).isPresent()) {
                throw Refusal.invalid("response_format must be url.").raise();
              }
              long[] size = size(text(body, "size", false).orElse("512x512"));
              long images = integer(body, "n", 1, 1, MAX_IMAGES);
              long pixels = size[0] * size[1];
              ObjectNode job = json.createObjectNode();
              job.put("prompt", text(body, "prompt", true).orElseThrow());
              job.put("width", size[0]);
              job.put("height", size[1]);
              job.put("num_images_per_prompt", images);
              return new ParsedRequest(
                  "text-to-image",
                  text(body, "model", false),
                  Optional.empty(),
                  true,
                  true,
                  model -> {
                    job.put("model_id", model);
                    return new ImageJob(
                        new SimpleJob(
                            pictures(pixels, images),
                            "/text-to-image",
                            jsonHeaders(),
                            new Body.Whole(bytes(job)),
                            Job.Answer.JSON,
                            (answer, delivered) -> pictures(pixels, answered(answer, images))),
                        images,
                        Optional.of((before, count) -> someOf(job, before, count)));
                  });
            });
  }

  /** A job for some of the images; a runner counts the seed up from one image to the next. */
  private static Body someOf(ObjectNode job, long before, long count) {
    ObjectNode part = job.deepCopy();
    part.put("num_images_per_prompt", count);
    JsonNode seed = part.path("seed");
    if (seed.isIntegralNumber() && seed.canConvertToInt()) {
      part.put("seed", seed.asLong() + before);
    }
    return new Body.Whole(bytes(part));
  }

  /** {@code auto} or width and height with an x between them. */
  private static long[] size(String text) {
    if (text.equals("auto")) {
      return new long[] {512, 512};
    }
    if (!SIZE.matcher(text).matches()) {
      throw Refusal.invalid("size must be WIDTHxHEIGHT, for example 512x512.").raise();
    }
    int x = text.indexOf('x');
    long width = Long.parseLong(text.substring(0, x));
    long height = Long.parseLong(text.substring(x + 1));
    if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) {
      throw Refusal.invalid("size may be at most " + MAX_SIDE + " a side.").raise();
    }
    return new long[] {width, height};
  }

  public Future<ParsedRequest> textToSpeech(Upload request) {
    return object(request)
        .map(
            given -> {
              ObjectNode body = given.body();
              String text = text(body, "text", true).orElseThrow();
              Units units =
                  Units.of(Unit.REQUESTS, 1)
                      .with(Unit.CHARACTERS, text.codePointCount(0, text.length()));
              return ParsedRequest.of(
                  "text-to-speech",
                  text(body, "model_id", false),
                  model -> {
                    given.explicit("model_id", model);
                    return new SimpleJob(
                        units,
                        "/text-to-speech",
                        jsonHeaders(),
                        new Body.Whole(given.forwarded()),
                        Job.Answer.JSON,
                        (answer, delivered) -> units);
                  });
            });
  }

  /**
   * OpenAI's name for a text read aloud: answered with the recording itself. The gateway makes WAV
   * files and nothing else, and only the client's player cares; who insists on another format is
   * told.
   */
  public Future<ParsedRequest> speech(Upload request) {
    return object(request)
        .map(
            given -> {
              ObjectNode body = given.body();
              String text = text(body, "input", true).orElseThrow();
              int characters = text.codePointCount(0, text.length());
              if (characters > MAX_SPOKEN_CHARACTERS) {
                throw Refusal.invalid(
                        "input may have at most " + MAX_SPOKEN_CHARACTERS + " characters.")
                    .raise();
              }
              if (text(body, "response_format", false).filter(f -> !f.equals("wav")).isPresent()) {
                throw Refusal.invalid("response_format must be wav, or left out.").raise();
              }
              JsonNode speed = body.path("speed");
              if (!speed.isMissingNode() && !speed.isNull() && !"1".equals(plain(speed))) {
                throw Refusal.invalid("speed must be 1, or left out.").raise();
              }
              ObjectNode job = json.createObjectNode();
              job.put("text", text);
              description(body).ifPresent(words -> job.put("description", words));
              Units spoken = Units.of(Unit.REQUESTS, 1).with(Unit.CHARACTERS, characters);
              return new ParsedRequest(
                  "text-to-speech",
                  text(body, "model", false),
                  Optional.empty(),
                  true,
                  true,
                  model -> {
                    job.put("model_id", model);
                    return new SimpleJob(
                        spoken.with(
                            Unit.MILLISECONDS,
                            SPOKEN_PAUSES_MILLIS + characters * SPOKEN_CHARACTER_MILLIS),
                        "/text-to-speech",
                        jsonHeaders(),
                        new Body.Whole(bytes(job)),
                        Job.Answer.SPEECH,
                        (answer, delivered) ->
                            spoken.with(
                                Unit.MILLISECONDS,
                                Media.wav(delivered.begin())
                                    .map(wav -> wav.millis(delivered.passedBytes()))
                                    .orElse(0L)));
                  });
            });
  }

  private static String plain(JsonNode number) {
    return number.isNumber() ? number.decimalValue().stripTrailingZeros().toPlainString() : "";
  }

  /** The gateway's models take the voice in words. */
  private static Optional<String> description(ObjectNode body) {
    Optional<String> voice = text(body, "voice", false);
    Optional<String> instructions = text(body, "instructions", false);
    return voice.isEmpty() && instructions.isEmpty()
        ? Optional.empty()
        : Optional.of(
            (voice.map(name -> name + "'s voice is clear. ").orElse("") + instructions.orElse(""))
                .strip());
  }

  /** The gateway's own path, or OpenAI's in front of it. */
  public Future<ParsedRequest> language(Upload request, boolean openAi) {
    return object(request)
        .map(
            given -> {
              ObjectNode body = given.body();
              JsonNode messages = body.path("messages");
              if (!messages.isArray() || messages.isEmpty()) {
                throw Refusal.invalid("messages must be a list with at least one message.").raise();
              }
              if (body.hasNonNull("stream") && !body.get("stream").isBoolean()) {
                throw Refusal.invalid("stream must be true or false.").raise();
              }
              if (openAi && integer(body, "n", 1, 1, MAX_IMAGES) != 1) {
                throw Refusal.invalid("n must be 1.").raise();
              }
              if (openAi && body.hasNonNull("max_completion_tokens")) {
                given.explicit("max_tokens", body.get("max_completion_tokens"));
              }
              long maxTokens = integer(body, "max_tokens", config.maxTokens(), 1, MAX_TOKENS);
              Optional<Unit> open =
                  body.hasNonNull("max_tokens") ? Optional.empty() : Optional.of(Unit.TOKENS_OUT);
              given.explicit("max_tokens", maxTokens);
              boolean streams = body.path("stream").asBoolean(false);
              given.explicit("stream", streams);
              boolean showUsage =
                  !openAi || body.path("stream_options").path("include_usage").asBoolean(false);
              if (streams) {
                // Jobs are paid by it, so it is asked for whatever the client does.
                given.explicit(
                    "stream_options", json.createObjectNode().put("include_usage", true));
              }
              // Tools and formats are read by the model too, so all of the body counts.
              long tokensIn = Math.ceilDiv(given.length(), TokenCount.BYTES_PER_TOKEN) + 16L;
              return new ParsedRequest(
                  "llm",
                  text(body, "model", false),
                  Optional.empty(),
                  openAi,
                  showUsage,
                  model -> {
                    given.explicit("model", model);
                    return new SimpleJob(
                        TokenCount.tokens(tokensIn, maxTokens),
                        open,
                        "/llm",
                        jsonHeaders(),
                        new Body.Whole(given.forwarded()),
                        streams ? Job.Answer.EVENTS : Job.Answer.LANGUAGE,
                        (answer, delivered) ->
                            TokenCount.of(answer, TokenCount.tokens(tokensIn, maxTokens)).units());
                  });
            });
  }

  private static Units pictures(long pixels, long images) {
    return Units.of(Unit.REQUESTS, 1)
        .with(Unit.PIXELS, Math.multiplyExact(pixels, images))
        .with(Unit.GENERATIONS, images);
  }

  /** Never more than asked for, whatever the gateway adds. */
  private static long answered(JsonNode answer, long asked) {
    return Math.min(asked, answer.path("images").size());
  }

  // --- multipart pipelines ---

  public Future<ParsedRequest> audioToText(Upload request) {
    return audioToText(request, false);
  }

  /** OpenAI calls the recording {@code file}, and the model {@code model}. */
  public Future<ParsedRequest> audioTranscriptions(Upload request) {
    return audioToText(request, true);
  }

  private Future<ParsedRequest> audioToText(Upload request, boolean openAi) {
    return multipart(
        request,
        "audio-to-text",
        openAi,
        form -> Map.of(),
        (form, length) -> {
          Recording recording = Recording.begin(form.file(), config.audioBitsPerSecond());
          return new Measure() {
            @Override
            public Units of(JsonNode answer, long sent) {
              return sounds(recording.measured());
            }

            @Override
            public Units most(long bytes) {
              return sounds(recording.most(bytes));
            }

            @Override
            public Optional<Units> expected(long bytes) {
              return Optional.of(sounds(recording.expected(bytes)));
            }

            @Override
            public void pass(Buffer bytes) {
              recording.pass(bytes);
            }
          };
        });
  }

  private static Units sounds(long millis) {
    return Units.of(Unit.REQUESTS, 1).with(Unit.MILLISECONDS, Math.min(millis, Units.MOST));
  }

  /** Pipelines that are paid by the pixels of the picture they are given. */
  public Future<ParsedRequest> pictureIn(Upload request, String capability) {
    return pictureIn(request, capability, false, Map.of());
  }

  /** OpenAI's changes to an image. */
  public Future<ParsedRequest> imageEdits(Upload request) {
    return pictureIn(request, "image-to-image", true, Map.of());
  }

  /** OpenAI asks for these without a text; the gateway needs one. */
  public Future<ParsedRequest> imageVariations(Upload request) {
    return pictureIn(request, "image-to-image", true, Map.of("prompt", "a variation"));
  }

  private Future<ParsedRequest> pictureIn(
      Upload request, String capability, boolean openAi, Map<String, String> defaults) {
    return multipart(
        request,
        capability,
        openAi,
        form -> {
          Map<String, String> values = new LinkedHashMap<>(defaults);
          if (capability.equals("image-to-image")) {
            values.put("num_images_per_prompt", Long.toString(images(form, openAi)));
          }
          return values;
        },
        (form, length) -> {
          long images = capability.equals("image-to-image") ? images(form, openAi) : 1;
          requirePicture(form, DECODED);
          OptionalLong seen = Media.pixels(form.file());
          if (seen.isEmpty()) {
            // To guess would let its sender choose what it costs.
            throw Refusal.invalid(
                    "The picture's size is not in its first bytes; leave its metadata out.")
                .raise();
          }
          long pixels = seen.getAsLong();
          boolean makes = capability.equals("image-to-image") || capability.equals("upscale");
          return (answer, sent) -> {
            long made = makes && answer != null ? answered(answer, images) : images;
            Units units = Units.of(Unit.REQUESTS, 1).with(Unit.PIXELS, pixels * made);
            return makes ? units.with(Unit.GENERATIONS, made) : units;
          };
        });
  }

  /** A gateway drops a job whose picture it cannot decode, as if it had no capacity for it. */
  private static void requirePicture(MultipartHead form, Set<Media.Picture> readable) {
    if (!readable.contains(Media.picture(form.file()))) {
      throw Refusal.of(
              415,
              "unsupported_picture",
              "Send the picture as "
                  + (readable.contains(Media.Picture.WEBP)
                      ? "PNG, JPEG, GIF or WebP."
                      : "PNG, JPEG or GIF."))
          .raise();
    }
  }

  private static long images(MultipartHead form, boolean openAi) {
    return number(form, openAi ? "n" : "num_images_per_prompt", 1, MAX_IMAGES);
  }

  public Future<ParsedRequest> imageToVideo(Upload request) {
    if (request.getHeader("Prefer") != null) {
      return Future.failedFuture(
          Refusal.invalid("Asynchronous answers are not offered; leave out the Prefer header.")
              .raise());
    }
    return multipart(
        request,
        "image-to-video",
        false,
        form -> {
          Map<String, String> values = new LinkedHashMap<>();
          values.put("width", "1024");
          values.put("height", "576");
          return values;
        },
        (form, length) -> {
          requirePicture(form, PASSED_ON);
          long pixels =
              number(form, "width", 1024, MAX_SIDE)
                  * number(form, "height", 576, MAX_SIDE)
                  * VIDEO_FRAMES;
          return (answer, sent) ->
              Units.of(Unit.REQUESTS, 1).with(Unit.PIXELS, pixels).with(Unit.GENERATIONS, 1);
        });
  }

  private static long number(MultipartHead form, String field, long otherwise, long most) {
    String given = form.fields().get(field);
    if (given == null) {
      return otherwise;
    }
    if (!NUMBER.matcher(given).matches()
        || Long.parseLong(given) < 1
        || Long.parseLong(given) > most) {
      throw Refusal.invalid(
              "Field \"" + field + "\" must be a whole number from 1 to " + most + ".")
          .raise();
    }
    return Long.parseLong(given);
  }

  /**
   * Units by the answer, null while there is none, and the bytes that were sent of the body as the
   * client made it.
   */
  @SuppressWarnings("UnusedVariable") // what is overridden uses them
  private interface Measure {
    Units of(JsonNode answer, long sent);

    /** Of a file of so many bytes. */
    default Units most(long bytes) {
      return of(null, bytes);
    }

    /** The same, as far as it is known; absent when it is the most. */
    default Optional<Units> expected(long bytes) {
      return Optional.empty();
    }

    /** More of the body. */
    default void pass(Buffer bytes) {}
  }

  private interface Measuring {
    Measure of(MultipartHead form, long length);
  }

  private interface Defaults {
    Map<String, String> of(MultipartHead form);
  }

  private Future<ParsedRequest> multipart(
      Upload request, String capability, boolean openAi, Defaults defaults, Measuring measuring) {
    String boundary = MultipartHead.boundary(request.getHeader("Content-Type"));
    long declared = request.declared();
    long most = openAi ? config.openAiMultipartMaxBytes() : config.multipartMaxBytes();
    if (declared > most) {
      throw BodyReader.tooLarge(most);
    }
    return (openAi
            ? request.whole(most).map(body -> new Upload.Beginning(body, true))
            : request.beginning(config.headBytes()))
        .map(
            head -> {
              MultipartHead form =
                  openAi
                      ? openAiForm(boundary, head.bytes(), capability)
                      : streamedForm(boundary, head, capability);
              long length = head.ended() ? head.bytes().length() : declared;
              Measure measure = measuring.of(form, length);
              Optional<String> asked =
                  Optional.ofNullable(form.fields().get(openAi ? "model" : "model_id"))
                      .filter(m -> !m.isBlank());
              String fileField = capability.equals("audio-to-text") ? "audio" : "image";
              Optional<MultipartTail> tail =
                  head.ended() ? Optional.empty() : Optional.of(new MultipartTail(form));
              BodyCheck check =
                  tail.<BodyCheck>map(reads -> measured(reads, measure)).orElse(BodyCheck.NONE);
              return new ParsedRequest(
                  capability,
                  asked,
                  Optional.empty(),
                  openAi,
                  true,
                  model -> {
                    Map<String, String> values = new LinkedHashMap<>(defaults.of(form));
                    values.put("model_id", model);
                    Buffer start = form.written(values, fileField);
                    // Bytes before the file, of what is sent and of what came.
                    long grown = (long) start.length() - form.fileAt();
                    Buffer first =
                        tail.map(reads -> start.appendBuffer(reads.first()))
                            .orElseGet(() -> form.writtenWhole(values, fileField));
                    long lengthSent =
                        head.ended() ? first.length() : length < 0 ? -1 : length + grown;
                    long fileBytes =
                        head.ended()
                            ? form.file().length()
                            : (length < 0 ? most : length) - form.fileAt();
                    Optional<Units> expected = measure.expected(fileBytes);
                    boolean open = length < 0 && expected.isPresent();
                    Units estimate = open ? expected.get() : measure.most(fileBytes);
                    Job job =
                        new SimpleJob(
                            estimate,
                            open ? Optional.empty() : expected,
                            // How long a recording is that comes in pieces, only its end tells.
                            open ? Optional.of(Unit.MILLISECONDS) : Optional.empty(),
                            "/" + capability,
                            Map.of("Content-Type", form.contentType()),
                            new Body.Streamed(first, lengthSent, head.ended(), most, check),
                            Job.Answer.JSON,
                            (answer, delivered) ->
                                measure.of(
                                    answer,
                                    head.ended()
                                        ? form.fileAt() + form.file().length()
                                        : delivered.sentBytes() - grown));
                    return capability.equals("image-to-image")
                        ? new ImageJob(job, images(form, openAi), Optional.empty())
                        : job;
                  });
            });
  }

  /** Checks what passes, and measures it. */
  private static BodyCheck measured(BodyCheck check, Measure measure) {
    return new BodyCheck() {
      @Override
      public Buffer see(Buffer bytes) {
        Buffer passed = check.see(bytes);
        measure.pass(bytes);
        return passed;
      }

      @Override
      public Buffer end() {
        return check.end();
      }
    };
  }

  private static BodyCheck watching(Consumer<Buffer> watch) {
    return new BodyCheck() {
      @Override
      public Buffer see(Buffer bytes) {
        watch.accept(bytes);
        return bytes;
      }

      @Override
      public Buffer end() {
        return Buffer.buffer();
      }
    };
  }

  /** A file's kind and size must be seen here, in the file that the gateway will look at. */
  private MultipartHead streamedForm(String boundary, Upload.Beginning head, String capability) {
    MultipartHead form =
        head.ended()
            ? MultipartHead.readWhole(boundary, head.bytes())
            : MultipartHead.read(boundary, head.bytes());
    String field = capability.equals("audio-to-text") ? "audio" : "image";
    if (!form.fileField().equals(field)) {
      throw Refusal.invalid(
              "The form needs a file in its field \"" + field + "\", before any other file.")
          .raise();
    }
    if (!head.ended() && form.file().length() < config.headBytes() / 2) {
      throw Refusal.invalid(
              "The fields before the file may have " + config.headBytes() / 2 + " bytes.")
          .raise();
    }
    return form;
  }

  private static MultipartHead openAiForm(String boundary, Buffer body, String capability) {
    MultipartHead form = MultipartHead.readWhole(boundary, body);
    String format = form.fields().getOrDefault("response_format", "");
    String wanted = capability.equals("audio-to-text") ? "json" : "url";
    if (!format.isEmpty() && !format.equals(wanted)) {
      throw Refusal.invalid("response_format must be " + wanted + ".").raise();
    }
    boolean streams = form.fields().getOrDefault("stream", "false").equals("true");
    if (streams) {
      throw Refusal.invalid("stream must be false here.").raise();
    }
    for (String gateways : List.of("model_id", "num_images_per_prompt")) {
      if (form.fields().containsKey(gateways)) {
        throw Refusal.invalid("Field \"" + gateways + "\" is not one of this path.").raise();
      }
    }
    String field = capability.equals("audio-to-text") ? "file" : "image";
    if (!form.fileField().equals(field) && !form.fileField().equals(field + "[]")) {
      throw Refusal.invalid("The form needs a file in its field \"" + field + "\".").raise();
    }
    return form;
  }

  // --- transcoding ---

  /**
   * A segment of a stream. The name given to the gateway is the tenant's own and the renditions'
   * own: a gateway makes what the stream's first segment asked for.
   */
  public Future<ParsedRequest> segment(
      Upload request, String tenantId, String stream, String file) {
    long declaredMillis = duration(request.getHeader("Content-Duration"));
    long declared = request.declared();
    if (declared > config.segmentMaxBytes()) {
      throw BodyReader.tooLarge(config.segmentMaxBytes());
    }
    ObjectNode configuration = configuration(request.getHeader(TRANSCODE_CONFIGURATION));
    Renditions asked =
        Renditions.read(
            taken(configuration, "presets"),
            taken(configuration, "profiles"),
            renditions,
            config.sourceFramesPerSecond());
    if (asked.pixels(declaredMillis) > Units.MOST) {
      throw tooManyPixels(asked.pixels(declaredMillis));
    }
    asked.tell(configuration);
    String name = tenantId + "-" + stream + "-" + asked.mark();
    Map<String, String> headers = new LinkedHashMap<>();
    copy(request, headers, "Content-Type", "Content-Resolution", "Content-Slice-From");
    copy(request, headers, "Content-Slice-To", "Accept");
    headers.put(TRANSCODE_CONFIGURATION, configuration.toString());
    boolean multipart = headers.getOrDefault("Accept", "").contains("multipart/mixed");
    return request
        .beginning(config.headBytes())
        .map(
            head -> {
              SegmentTime time = SegmentTime.begin(head.bytes(), declaredMillis);
              long expected = time.expected(declared);
              if (asked.pixels(expected) > Units.MOST) {
                throw tooManyPixels(asked.pixels(expected));
              }
              headers.put("Content-Duration", Long.toString(expected));
              return new ParsedRequest(
                  "transcoding",
                  Optional.empty(),
                  Optional.of(name),
                  false,
                  true,
                  model ->
                      new SimpleJob(
                          transcoded(asked, SegmentTime.MOST_MILLIS),
                          Optional.of(transcoded(asked, expected)),
                          Optional.empty(),
                          "/live/" + name + "/" + file,
                          headers,
                          new Body.Streamed(
                              head.bytes(),
                              declared,
                              head.ended(),
                              config.segmentMaxBytes(),
                              watching(time::pass)),
                          // Without renditions asked for, a good answer has no body.
                          multipart ? Job.Answer.THROUGH : Job.Answer.THROUGH_OR_EMPTY,
                          (answer, delivered) -> transcoded(asked, time.measured())));
            });
  }

  private static Units transcoded(Renditions asked, long millis) {
    return Units.of(Unit.REQUESTS, 1)
        .with(Unit.MILLISECONDS, millis)
        .with(Unit.PIXELS, Math.min(Units.MOST, asked.pixels(millis)));
  }

  private static Refusal.RefusedException tooManyPixels(long pixels) {
    return Refusal.invalid(
            "A segment's renditions may have " + Units.MOST + " pixels, not " + pixels + ".")
        .raise();
  }

  /** What a segment's header says, save what is not the client's to say. */
  private ObjectNode configuration(String header) {
    if (header == null) {
      return json.createObjectNode();
    }
    if (!(parse(Buffer.buffer(header), TRANSCODE_CONFIGURATION)
        instanceof ObjectNode configuration)) {
      throw Refusal.invalid(TRANSCODE_CONFIGURATION + " must be a JSON object.").raise();
    }
    for (Map.Entry<String, JsonNode> field : configuration.properties()) {
      if (STORES.contains(JsonBodyEditor.folded(field.getKey()))) {
        throw Refusal.invalid(
                TRANSCODE_CONFIGURATION
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
            .filter(field -> NOT_THE_CLIENTS.contains(JsonBodyEditor.folded(field)))
            .toList());
  }

  /** Takes a field out, whatever its case; twice is once too often. */
  private static JsonNode taken(ObjectNode configuration, String field) {
    List<String> names =
        configuration.properties().stream()
            .map(Map.Entry::getKey)
            .filter(name -> JsonBodyEditor.folded(name).equals(field))
            .toList();
    if (names.size() > 1) {
      throw Refusal.invalid(TRANSCODE_CONFIGURATION + " has its " + field + " twice.").raise();
    }
    return names.isEmpty() ? null : configuration.remove(names.getFirst());
  }

  private static long duration(String header) {
    if (header == null) {
      return 2_000;
    }
    if (!NUMBER.matcher(header).matches()
        || Long.parseLong(header) < 1
        || Long.parseLong(header) > 300_000) {
      throw Refusal.invalid(
              "Content-Duration must be the segment's length in milliseconds, 1 to 300000.")
          .raise();
    }
    return Long.parseLong(header);
  }

  private static void copy(Upload request, Map<String, String> headers, String... names) {
    for (String name : names) {
      String value = request.getHeader(name);
      if (value != null) {
        headers.put(name, value);
      }
    }
  }

  // --- bring your own container ---

  /** The header of a job, or of a stream, for a container of the customer's or somebody's own. */
  public ByocHeader byocHeader(Upload request, Affinity affinity) {
    return ByocHeader.read(request.getHeader("Livepeer"), affinity, this::parse);
  }

  /** A job for such a container; its header says what it is. */
  public ParsedRequest byoc(Upload request, Affinity affinity) {
    ByocHeader header = byocHeader(request, affinity);
    Map<String, String> headers = new LinkedHashMap<>();
    copy(request, headers, "Content-Type", "Accept");
    headers.put("Livepeer", header.value());
    long declared = request.declared();
    if (declared > config.multipartMaxBytes()) {
      throw BodyReader.tooLarge(config.multipartMaxBytes());
    }
    return ParsedRequest.of(
        BYOC,
        Optional.of(header.capability()),
        model ->
            new SimpleJob(
                Units.of(Unit.REQUESTS, 1).with(Unit.MILLISECONDS, header.seconds() * 1000),
                request.uri(),
                headers,
                new Body.Streamed(Buffer.buffer(), declared, false, config.multipartMaxBytes()),
                Job.Answer.THROUGH,
                (answer, delivered) ->
                    Units.of(Unit.REQUESTS, 1)
                        .with(Unit.MILLISECONDS, Math.max(1, delivered.millis()))));
  }

  // --- reading ---

  private Future<JsonBodyEditor> object(Upload request) {
    String type = request.getHeader("Content-Type");
    if (type == null || !(type.equals("application/json") || JSON_TYPE.matcher(type).matches())) {
      return Future.failedFuture(
          Refusal.of(415, "unsupported_media_type", "Send the body as application/json, in UTF-8.")
              .raise());
    }
    return request.json(
        config.jsonMaxBytes(),
        text -> {
          if (!(parse(text, "body") instanceof ObjectNode object)) {
            throw Refusal.invalid("The body must be a JSON object.").raise();
          }
          return new JsonBodyEditor(text, object);
        });
  }

  private JsonNode parse(Buffer text, String what) {
    try {
      byte[] bytes = text.getBytes();
      if (JsonScan.scan(bytes, bytes.length, limits) instanceof JsonScan.Result.Malformed wrong) {
        throw Refusal.of(
                400, "malformed_json", "The " + what + " is not valid JSON: " + wrong.why() + ".")
            .raise();
      }
      JsonNode node = strict.readTree(bytes);
      if (node != null && !node.isMissingNode()) {
        return node;
      }
    } catch (JacksonException unreadable) {
      throw Refusal.of(
              400,
              "malformed_json",
              "The " + what + " cannot be read. " + UnreadableJson.whatToChange(unreadable))
          .raise();
    } catch (IOException unreadable) {
      throw Refusal.of(400, "malformed_json", "The " + what + " is not valid JSON.").raise();
    }
    throw Refusal.of(400, "malformed_json", "The " + what + " is empty.").raise();
  }

  private static Optional<String> text(ObjectNode body, String field, boolean needed) {
    JsonNode value = body.path(field);
    if (value.isMissingNode() || value.isNull()) {
      if (needed) {
        throw Refusal.invalid("Field \"" + field + "\" is missing.").raise();
      }
      return Optional.empty();
    }
    if (!value.isTextual() || value.asText().isEmpty()) {
      if (!needed && value.isTextual()) {
        return Optional.empty();
      }
      throw Refusal.invalid("Field \"" + field + "\" must be a text.").raise();
    }
    return Optional.of(value.asText());
  }

  private static long integer(
      ObjectNode body, String field, long otherwise, long least, long most) {
    JsonNode value = body.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.asLong() < least
        || value.asLong() > most) {
      throw Refusal.invalid(
              "Field \"" + field + "\" must be a whole number from " + least + " to " + most + ".")
          .raise();
    }
    return value.asLong();
  }

  private static Map<String, String> jsonHeaders() {
    return Map.of("Content-Type", "application/json");
  }

  private static Buffer bytes(ObjectNode body) {
    return Buffer.buffer(body.toString());
  }
}
