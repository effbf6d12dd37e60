package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A job for several images, which may have to be sent as several jobs.
 *
 * @param images that were asked for
 * @param parts makes the body of a job for some of them, or is absent where a body passes through
 *     and cannot be sent twice
 */
record ImageJob(Job whole, long images, Optional<Part> parts) implements Job {
  /** The body of a job for so many of the images, after those before. */
  interface Part {
    Body body(long before, long count);
  }

  @Override
  public List<Body> parts(int mostImages) {
    if (images <= mostImages) {
      return List.of(whole.body());
    }
    Part part =
        parts.orElseThrow(
            () ->
                Refusal.invalid(
                        "A job of this path may ask for at most " + mostImages + " images here.")
                    .raise());
    List<Body> bodies = new ArrayList<>();
    for (long before = 0; before < images; before += mostImages) {
      bodies.add(part.body(before, Math.min(mostImages, images - before)));
    }
    return bodies;
  }

  @Override
  public Units estimate() {
    return whole.estimate();
  }

  @Override
  public Optional<Units> expected() {
    return whole.expected();
  }

  @Override
  public Optional<Unit> open() {
    return whole.open();
  }

  @Override
  public String uri() {
    return whole.uri();
  }

  @Override
  public Map<String, String> headers() {
    return whole.headers();
  }

  @Override
  public Body body() {
    return whole.body();
  }

  @Override
  public Answer answer() {
    return whole.answer();
  }

  @Override
  public Units measured(JsonNode answer, Delivered delivered) {
    return whole.measured(answer, delivered);
  }
}
