package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.problem.Refusal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The renditions that a stream is transcoded to, as gateways are told them ({@code presets} and
 * {@code profiles} of go-livepeer's server/auth.go and of ffmpeg/videoprofile.go in its media
 * library), and their pixels.
 *
 * <p>A gateway reads them when a stream begins and never again. So a stream's name at the gateway
 * has the {@link #mark} of its renditions, and a client that asks for other renditions gets another
 * stream.
 */
final class Renditions {
  private static final int MOST = 10;
  private static final long MAX_SIDE = 8192;

  /**
   * The widest shape is 12 to 5. Gateways keep the source's shape: a wide source is made as wide as
   * the rendition and a tall one as tall, and the other side of the rendition is ignored.
   */
  private static final long WIDEST = 12;

  private static final long WIDEST_TO = 5;

  private static final long MAX_FRAMES_PER_SECOND = 120;
  private static final long MAX_FRAME_PARTS = 1001;
  private static final long MAX_BITRATE = 200_000_000;

  /** The name is a part of file names and of headers of the answer. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  /** The gateways' name for the stream as it came. */
  private static final String SOURCE = "source";

  private static final Pattern GOP = Pattern.compile("intra|[0-9]{1,4}(\\.[0-9]{1,6})?");
  private static final Pattern NOTHING = Pattern.compile("[0.]+");
  private static final Set<String> PROFILES =
      Set.of("", "none", "h264baseline", "h264main", "h264high", "h264constrainedhigh");
  private static final Set<String> ENCODERS = Set.of("", "H.264", "HEVC", "VP8", "VP9");

  /** Field names as gateways spell them, by their folded names. */
  private static final Map<String, String> FIELDS =
      folded(
          "name",
          "width",
          "height",
          "bitrate",
          "fps",
          "fpsDen",
          "profile",
          "gop",
          "encoder",
          "colorDepth",
          "chromaFormat");

  private static final Map<String, Rendition> PRESETS =
      named(
          new Rendition("P720p60fps16x9", 1280, 720, 60, 1),
          new Rendition("P720p30fps16x9", 1280, 720, 30, 1),
          new Rendition("P720p25fps16x9", 1280, 720, 25, 1),
          new Rendition("P720p30fps4x3", 960, 720, 30, 1),
          new Rendition("P576p30fps16x9", 1024, 576, 30, 1),
          new Rendition("P576p25fps16x9", 1024, 576, 25, 1),
          new Rendition("P360p30fps16x9", 640, 360, 30, 1),
          new Rendition("P360p25fps16x9", 640, 360, 25, 1),
          new Rendition("P360p30fps4x3", 480, 360, 30, 1),
          new Rendition("P240p30fps16x9", 426, 240, 30, 1),
          new Rendition("P240p25fps16x9", 426, 240, 25, 1),
          new Rendition("P240p30fps4x3", 320, 240, 30, 1),
          new Rendition("P144p30fps16x9", 256, 144, 30, 1));

  /** One rendition; it has {@code fps / fpsDen} frames a second. */
  private record Rendition(String name, long width, long height, long fps, long fpsDen) {}

  private final List<Rendition> all;
  private final ObjectNode told;
  private final String mark;

  /**
   * @param told the renditions as gateways read them, with every number that is billed
   */
  private Renditions(List<Rendition> all, ObjectNode told) {
    this.all = all;
    this.told = told;
    this.mark = mark(told.toString());
  }

  /**
   * Renditions of presets.
   *
   * @param names as go-livepeer's {@code -transcodingOptions} has them
   * @throws IllegalArgumentException for an unknown or doubled name, for none, or for too many
   */
  static Renditions ofPresets(List<String> names) {
    if (names.isEmpty()
        || names.size() > MOST
        || Set.copyOf(names).size() < names.size()
        || !PRESETS.keySet().containsAll(names)) {
      throw new IllegalArgumentException(
          "must be 1 to " + MOST + " different names of " + known() + ", not " + names);
    }
    ObjectNode told = JsonNodeFactory.instance.objectNode();
    names.forEach(told.putArray("presets")::add);
    return new Renditions(names.stream().map(PRESETS::get).toList(), told);
  }

  /**
   * Reads the renditions that a client asks for; refuses with a 422 what cannot be counted.
   *
   * @param presets a list of names, or nothing
   * @param profiles a list of objects, or nothing
   * @param otherwise used when neither is there
   * @param sourceFramesPerSecond counted for a rendition with the frame rate of its source
   */
  static Renditions read(
      JsonNode presets, JsonNode profiles, Renditions otherwise, long sourceFramesPerSecond) {
    List<JsonNode> names = list("presets", presets);
    List<JsonNode> described = list("profiles", profiles);
    if (names.isEmpty() && described.isEmpty()) {
      if (!isNothing(profiles)) {
        throw invalid("profiles must have a rendition, or be left out.");
      }
      return otherwise;
    }
    if (names.size() + described.size() > MOST) {
      throw invalid("a stream may have " + MOST + " renditions.");
    }
    List<Rendition> all = new ArrayList<>();
    ObjectNode told = JsonNodeFactory.instance.objectNode();
    if (!names.isEmpty()) {
      var list = told.putArray("presets");
      for (JsonNode name : names) {
        Rendition preset = name.isTextual() ? PRESETS.get(name.textValue().strip()) : null;
        if (preset == null) {
          throw invalid("presets are " + known() + ".");
        }
        list.add(preset.name());
        all.add(preset);
      }
    }
    if (!described.isEmpty()) {
      var list = told.putArray("profiles");
      for (JsonNode profile : described) {
        all.add(rendition(profile, list.addObject(), sourceFramesPerSecond));
      }
    }
    Set<String> different = new HashSet<>();
    for (Rendition rendition : all) {
      if (!different.add(rendition.name())) {
        throw invalid("two renditions are named \"" + rendition.name() + "\".");
      }
    }
    return new Renditions(List.copyOf(all), told);
  }

  private static List<JsonNode> list(String field, JsonNode given) {
    if (isNothing(given)) {
      return List.of();
    }
    if (!given.isArray()) {
      throw invalid(field + " must be a list.");
    }
    // Checked before its entries are read: a header has room for thousands.
    if (given.size() > MOST) {
      throw invalid("a stream may have " + MOST + " renditions.");
    }
    List<JsonNode> entries = new ArrayList<>();
    given.forEach(entries::add);
    return entries;
  }

  private static boolean isNothing(JsonNode given) {
    return given == null || given.isNull() || given.isMissingNode();
  }

  /** Reads a profile, and writes it for the gateway with each field once. */
  private static Rendition rendition(JsonNode given, ObjectNode told, long sourceFramesPerSecond) {
    if (!given.isObject()) {
      throw invalid("profiles must be objects.");
    }
    Map<String, JsonNode> fields = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : given.properties()) {
      String field = FIELDS.get(JsonBodyEditor.folded(entry.getKey()));
      if (field != null && fields.put(field, entry.getValue()) != null) {
        throw invalid("a profile has its " + field + " twice.");
      }
    }
    long width = number(fields, "width", 1, MAX_SIDE);
    long height = number(fields, "height", 1, MAX_SIDE);
    if (Math.max(width, height) * WIDEST_TO > Math.min(width, height) * WIDEST) {
      throw invalid("width and height may be " + WIDEST + " to " + WIDEST_TO + " at most.");
    }
    long bitrate = number(fields, "bitrate", 0, MAX_BITRATE);
    long fps = number(fields, "fps", 0, MAX_FRAMES_PER_SECOND * MAX_FRAME_PARTS);
    long fpsDen = Math.max(1, number(fields, "fpsDen", 0, MAX_FRAME_PARTS));
    if (fps > 0 && (fps < fpsDen || fps > MAX_FRAMES_PER_SECOND * fpsDen)) {
      throw invalid(
          "fps / fpsDen must be 1 to "
              + MAX_FRAMES_PER_SECOND
              + ", or fps 0 for the source's own.");
    }
    String name = text(fields, "name");
    if (name.isEmpty()) {
      name = "custom_" + width + "x" + height + "_" + bitrate;
    }
    if (!NAME.matcher(name).matches() || name.equals(SOURCE)) {
      throw invalid("a rendition's name must match " + NAME + " and not be " + SOURCE + ".");
    }
    told.put("name", name).put("width", width).put("height", height);
    told.put("bitrate", bitrate).put("fps", fps).put("fpsDen", fpsDen);
    String gop = text(fields, "gop");
    if (!gop.isEmpty() && (!GOP.matcher(gop).matches() || NOTHING.matcher(gop).matches())) {
      throw invalid("gop must be \"intra\" or seconds above 0 as a text.");
    }
    String profile = text(fields, "profile");
    String encoder = text(fields, "encoder");
    if (!PROFILES.contains(profile.toLowerCase(Locale.ROOT)) || !ENCODERS.contains(encoder)) {
      throw invalid("there is no such profile or encoder.");
    }
    told.put("profile", profile).put("gop", gop).put("encoder", encoder);
    told.put("colorDepth", number(fields, "colorDepth", 0, 16));
    told.put("chromaFormat", number(fields, "chromaFormat", 0, 16));
    return fps == 0
        ? new Rendition(name, width, height, sourceFramesPerSecond, 1)
        : new Rendition(name, width, height, fps, fpsDen);
  }

  private static long number(Map<String, JsonNode> fields, String field, long least, long most) {
    JsonNode given = fields.get(field);
    long number =
        isNothing(given)
            ? 0
            : given.isIntegralNumber() && given.canConvertToLong() ? given.asLong() : -1;
    if (number < least || number > most) {
      throw invalid(
          "a profile's " + field + " must be a whole number from " + least + " to " + most + ".");
    }
    return number;
  }

  private static String text(Map<String, JsonNode> fields, String field) {
    JsonNode given = fields.get(field);
    if (isNothing(given)) {
      return "";
    }
    if (!given.isTextual()) {
      throw invalid("a profile's " + field + " must be a text.");
    }
    return given.textValue();
  }

  /**
   * The pixels of all renditions of so much of the stream: width times height times frames a second
   * times seconds of each, added up and rounded up once.
   */
  long pixels(long millis) {
    BigInteger parts = BigInteger.ZERO;
    BigInteger whole = BigInteger.ONE;
    for (Rendition rendition : all) {
      BigInteger den = BigInteger.valueOf(rendition.fpsDen());
      BigInteger framed =
          BigInteger.valueOf(rendition.width() * rendition.height() * rendition.fps());
      parts = parts.multiply(den).add(framed.multiply(whole));
      whole = whole.multiply(den);
    }
    BigInteger[] pixels =
        parts
            .multiply(BigInteger.valueOf(millis))
            .divideAndRemainder(whole.multiply(BigInteger.valueOf(1_000)));
    return pixels[0].longValueExact() + pixels[1].signum();
  }

  /** Writes the renditions into a gateway's configuration. */
  void tell(ObjectNode configuration) {
    configuration.setAll(told);
  }

  /** 32 hexadecimal digits that differ for different renditions. */
  String mark() {
    return mark;
  }

  private static String mark(String told) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(told.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException never) {
      throw new IllegalStateException(never);
    }
  }

  private static Refusal.RefusedException invalid(String detail) {
    return Refusal.invalid("Livepeer-Transcode-Configuration: " + detail).raise();
  }

  private static String known() {
    return String.join(", ", PRESETS.keySet().stream().sorted().toList());
  }

  private static Map<String, String> folded(String... fields) {
    Map<String, String> byFolded = new HashMap<>();
    for (String field : fields) {
      byFolded.put(JsonBodyEditor.folded(field), field);
    }
    return Map.copyOf(byFolded);
  }

  private static Map<String, Rendition> named(Rendition... presets) {
    Map<String, Rendition> byName = new HashMap<>();
    for (Rendition preset : presets) {
      byName.put(preset.name(), preset);
    }
    return Map.copyOf(byName);
  }
}
