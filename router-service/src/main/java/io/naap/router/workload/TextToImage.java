package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.router.endpoint.Endpoint;

/** Images from a text, by go-livepeer's names; paid by their pixels. */
record TextToImage(JsonRequest json, Endpoint endpoint, String capability) implements JsonWorkload {
  static final String CAPABILITY = "text-to-image";
  private static final long DEFAULT_SIDE = 512;

  TextToImage(JsonRequest json) {
    this(json, Endpoint.TEXT_TO_IMAGE, CAPABILITY);
  }

  @Override
  public ParsedRequest parse(JsonBodyEditor given) {
    ObjectNode body = given.body();
    var unused = JsonRequest.requiredText(body, "prompt");
    long width = JsonRequest.integer(body, "width", DEFAULT_SIDE, Images.MAX_SIDE);
    long height = JsonRequest.integer(body, "height", DEFAULT_SIDE, Images.MAX_SIDE);
    long images = JsonRequest.integer(body, "num_images_per_prompt", 1, Images.MAX_IMAGES);
    given.explicit("width", width);
    given.explicit("height", height);
    given.explicit("num_images_per_prompt", images);
    return ParsedRequest.of(
        this,
        JsonRequest.text(body, "model_id"),
        model -> {
          given.explicit("model_id", model);
          return Images.job(new Body.Whole(given.forwarded()), body, width * height, images);
        });
  }

  @Override
  public boolean isComplete(JsonNode answer) {
    return !Workload.isError(answer) && Workload.hasImages(answer);
  }
}
