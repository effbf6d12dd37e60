package io.naap.deploy.simulator;

import static io.naap.deploy.simulator.Http.form;
import static io.naap.deploy.simulator.Http.hexId;
import static io.naap.deploy.simulator.Http.json;
import static io.naap.deploy.simulator.Http.require;
import static io.naap.deploy.simulator.Http.requireText;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.LongFunction;

/** Jobs for images, video and sound. */
final class BatchJobs {
  private static final int DEFAULT_SIDE = 512;

  private final MediaStore media;

  BatchJobs(MediaStore media) {
    this.media = media;
  }

  /** False for a path that is none of these jobs'. */
  boolean serve(HttpServerRequest request, Buffer body) {
    switch (request.path()) {
      case "/text-to-image" -> textToImage(request, body.toJsonObject());
      case "/image-to-image", "/upscale", "/image-to-video" ->
          imageToMedia(request, form(request, body));
      case "/segment-anything-2" -> {
        require(form(request, body), "image");
        json(
            request,
            new JsonObject().put("masks", "[[0]]").put("scores", "[1.0]").put("logits", "[[0]]"));
      }
      case "/image-to-text" -> {
        require(form(request, body), "image");
        json(request, new JsonObject().put("text", "a gradient"));
      }
      case "/audio-to-text" -> audioToText(request, form(request, body));
      case "/text-to-speech" -> textToSpeech(request, body.toJsonObject());
      default -> {
        return false;
      }
    }
    return true;
  }

  private void textToImage(HttpServerRequest request, JsonObject job) {
    requireText(job, "prompt");
    if (job.getString("model_id", "").isEmpty()) {
      // go-livepeer dereferences the missing model after the work and drops the connection.
      request.connection().close();
      return;
    }
    int width = job.getInteger("width", DEFAULT_SIDE);
    int height = job.getInteger("height", DEFAULT_SIDE);
    int count = job.getInteger("num_images_per_prompt", 1);
    if (width < 1 || height < 1 || width > 4096 || height > 4096 || count < 1 || count > 10) {
      throw new IllegalArgumentException("invalid size");
    }
    images(request, count, "png", "image/png", seed -> Media.png(width, height, seed));
  }

  private void imageToMedia(HttpServerRequest request, Map<String, byte[]> form) {
    byte[] image = require(form, "image");
    if (!form.containsKey("model_id") || !isDecoded(image, request.path())) {
      request.connection().close();
      return;
    }
    if (request.path().equals("/image-to-video")) {
      images(request, 1, "mp4", "video/mp4", seed -> mp4(seed));
      return;
    }
    ByteBuffer header = ByteBuffer.wrap(image);
    boolean png = image.length > 24 && header.getInt(12) == 0x49484452;
    int width = png ? header.getInt(16) : DEFAULT_SIDE;
    int height = png ? header.getInt(20) : DEFAULT_SIDE;
    int scale = request.path().equals("/upscale") ? 4 : 1;
    if (width < 1 || height < 1 || (long) width * height > 16_777_216L) {
      throw new IllegalArgumentException("invalid image");
    }
    images(
        request,
        1,
        "png",
        "image/png",
        seed -> Media.png(Math.min(width * scale, 4096), Math.min(height * scale, 4096), seed));
  }

  /** PNG, JPEG and GIF; image-to-video passes WebP on as well. */
  private static boolean isDecoded(byte[] image, String path) {
    String begin = new String(image, 0, Math.min(12, image.length), StandardCharsets.ISO_8859_1);
    return begin.startsWith("\u0089PNG")
        || begin.startsWith("\u00ff\u00d8")
        || begin.startsWith("GIF8")
        || (path.equals("/image-to-video") && begin.endsWith("WEBP"));
  }

  private void images(
      HttpServerRequest request,
      int count,
      String extension,
      String type,
      LongFunction<byte[]> maker) {
    String requestId = hexId();
    JsonArray images = new JsonArray();
    for (int i = 0; i < count; i++) {
      long seed = Math.floorMod(requestId.hashCode() + i, 1_000_000);
      images.add(
          new JsonObject()
              .put("url", media.add(requestId, extension, type, maker.apply(seed)))
              .put("seed", seed)
              .put("nsfw", false));
    }
    json(request, new JsonObject().put("images", images));
  }

  private void audioToText(HttpServerRequest request, Map<String, byte[]> form) {
    byte[] audio = require(form, "audio");
    if (!form.containsKey("model_id")) {
      request.connection().close();
      return;
    }
    double seconds = wavSeconds(audio);
    if (seconds < 1) {
      throw new IllegalArgumentException("audio duration must be at least 1 second");
    }
    json(
        request,
        new JsonObject()
            .put("text", "silence")
            .put(
                "chunks",
                new JsonArray()
                    .add(
                        new JsonObject()
                            .put("text", "silence")
                            .put("timestamp", new JsonArray().add(0.0).add(seconds)))));
  }

  private void textToSpeech(HttpServerRequest request, JsonObject job) {
    String text = requireText(job, "text");
    if (job.getString("model_id", "").isEmpty()) {
      request.connection().close();
      return;
    }
    String url = media.add(hexId(), "wav", "audio/wav", Media.wav(60L * text.length()));
    json(request, new JsonObject().put("audio", new JsonObject().put("url", url)));
  }

  private static double wavSeconds(byte[] audio) {
    if (audio.length < 44 || audio[0] != 'R' || audio[8] != 'W') {
      throw new IllegalArgumentException("audio format not supported by this simulator: send WAV");
    }
    int bytesPerSecond = ByteBuffer.wrap(audio).order(ByteOrder.LITTLE_ENDIAN).getInt(28);
    return bytesPerSecond <= 0 ? 0 : (double) (audio.length - 44) / bytesPerSecond;
  }

  private static byte[] mp4(long seed) {
    byte[] box = new byte[1024];
    ByteBuffer.wrap(box)
        .putInt(24)
        .put("ftypisom".getBytes(StandardCharsets.US_ASCII))
        .putLong(seed);
    return box;
  }
}
