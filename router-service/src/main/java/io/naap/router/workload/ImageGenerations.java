package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import java.util.regex.Pattern;

/** Images from a text, by OpenAI's names for size and count; answered with URLs. */
record ImageGenerations(JsonRequest json, Endpoint endpoint, String capability, boolean openAi)
    implements JsonWorkload {
  private static final String DEFAULT_SIZE = "512x512";
  private static final Pattern SIZE = Pattern.compile("[0-9]{1,5}x[0-9]{1,5}");

  ImageGenerations(JsonRequest json) {
    this(json, Endpoint.IMAGE_GENERATIONS, TextToImage.CAPABILITY, true);
  }

  private record Size(long width, long height) {
    /** Reads {@code auto}, or width and height with an x between them. */
    static Size read(String text) {
      if (text.equals("auto")) {
        return read(DEFAULT_SIZE);
      }
      if (!SIZE.matcher(text).matches()) {
        throw Refusal.invalid("size must be WIDTHxHEIGHT, for example 512x512.").raise();
      }
      int x = text.indexOf('x');
      long width = Long.parseLong(text.substring(0, x));
      long height = Long.parseLong(text.substring(x + 1));
      if (width < 1 || height < 1 || width > Images.MAX_SIDE || height > Images.MAX_SIDE) {
        throw Refusal.invalid("size may be at most " + Images.MAX_SIDE + " a side.").raise();
      }
      return new Size(width, height);
    }
  }

  @Override
  public ParsedRequest parse(JsonBodyEditor given) {
    ObjectNode body = given.body();
    JsonRequest.requireOnly(body, "response_format", "url", Images.URL_ONLY);
    Size size = Size.read(JsonRequest.text(body, "size").orElse(DEFAULT_SIZE));
    long images = JsonRequest.integer(body, "n", 1, Images.MAX_IMAGES);
    ObjectNode job =
        JsonNodeFactory.instance
            .objectNode()
            .put("prompt", JsonRequest.requiredText(body, "prompt"))
            .put("width", size.width())
            .put("height", size.height())
            .put("num_images_per_prompt", images);
    return ParsedRequest.of(
        this,
        JsonRequest.text(body, "model"),
        model -> {
          job.put("model_id", model);
          return Images.job(
              new Body.Whole(JsonRequest.bytes(job)), job, size.width() * size.height(), images);
        });
  }

  @Override
  public boolean isComplete(JsonNode answer) {
    return !Workload.isError(answer) && Workload.hasImages(answer);
  }
}
