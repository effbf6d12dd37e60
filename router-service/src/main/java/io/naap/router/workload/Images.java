package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import java.util.Optional;

/** Jobs that make images from a text: their units, and how one job is cut into several. */
final class Images {
  static final long MAX_SIDE = 8192;
  static final long MAX_IMAGES = 20;

  /** OpenAI's image paths give addresses, never the images themselves. */
  static final String URL_ONLY = "response_format must be url.";

  private Images() {}

  /** A job for images of so many pixels each. */
  static Job job(Body whole, ObjectNode body, long pixels, long images) {
    return new Job(
        Job.Estimate.exact(units(pixels, images)),
        new Job.Outgoing("/text-to-image", JsonRequest.HEADERS, whole, Job.Answer.JSON),
        (answer, delivered) -> units(pixels, answered(answer, images)),
        Optional.of(new ImageParts(images, Optional.of((before, n) -> part(body, before, n)))));
  }

  static Units units(long pixels, long images) {
    return Units.of(Unit.REQUESTS, 1)
        .with(Unit.PIXELS, Math.multiplyExact(pixels, images))
        .with(Unit.GENERATIONS, images);
  }

  /** The images of an answer, at most those that were asked for. */
  static long answered(JsonNode answer, long asked) {
    return Math.min(asked, answer.path("images").size());
  }

  /** A job for some of the images. A runner adds one to the seed from each image to the next. */
  private static Body part(ObjectNode job, long before, long count) {
    ObjectNode part = job.deepCopy();
    part.put("num_images_per_prompt", count);
    JsonNode seed = part.path("seed");
    if (seed.isIntegralNumber() && seed.canConvertToInt()) {
      part.put("seed", seed.asLong() + before);
    }
    return new Body.Whole(JsonRequest.bytes(part));
  }
}
