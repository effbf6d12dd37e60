package io.naap.router.workload;

import io.naap.contracts.problem.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Cuts a job for several images into jobs that a gateway takes.
 *
 * @param images the images asked for
 * @param part makes the body of one such job; absent where the body streams to the gateway, which
 *     can be sent only once
 */
record ImageParts(long images, Optional<Part> part) {
  /** Makes the body of a job for {@code count} images, after {@code before} others. */
  interface Part {
    Body body(long before, long count);
  }

  /**
   * The bodies to send, one after the other.
   *
   * @param whole the body that asks for all images
   * @param mostImages that one job may ask for
   */
  List<Body> of(Body whole, int mostImages) {
    if (images <= mostImages) {
      return List.of(whole);
    }
    Part cut =
        part.orElseThrow(
            () ->
                Refusal.invalid(
                        "A job of this path may ask for at most " + mostImages + " images here.")
                    .raise());
    List<Body> bodies = new ArrayList<>();
    for (long before = 0; before < images; before += mostImages) {
      bodies.add(cut.body(before, Math.min(mostImages, images - before)));
    }
    return bodies;
  }
}
