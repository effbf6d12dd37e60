package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Jobs that are paid by the pixels of the picture that the customer sends.
 *
 * @param result the field of the answer that has the result
 * @param defaults fields that the gateway needs and the path does not ask for
 */
record PictureInput(
    FormReader forms,
    Endpoint endpoint,
    String capability,
    String result,
    boolean openAi,
    Map<String, String> defaults)
    implements FormWorkload {
  private static final String IMAGE_TO_IMAGE = "image-to-image";

  /** The kinds that a gateway decodes to measure them. */
  private static final Set<Media.Picture> DECODED =
      Set.of(Media.Picture.PNG, Media.Picture.JPEG, Media.Picture.GIF);

  static PictureInput nativePath(FormReader forms, Endpoint endpoint, String result) {
    String capability = endpoint.path().substring(1);
    return new PictureInput(forms, endpoint, capability, result, false, Map.of());
  }

  static PictureInput imageEdits(FormReader forms) {
    return new PictureInput(forms, Endpoint.IMAGE_EDITS, IMAGE_TO_IMAGE, "images", true, Map.of());
  }

  /** OpenAI asks for these without a text; the gateway needs one. */
  static PictureInput imageVariations(FormReader forms) {
    Map<String, String> prompt = Map.of("prompt", "a variation");
    return new PictureInput(
        forms, Endpoint.IMAGE_VARIATIONS, IMAGE_TO_IMAGE, "images", true, prompt);
  }

  @Override
  public String fileField() {
    return "image";
  }

  @Override
  public Map<String, String> defaults(MultipartHead form) {
    if (!asksForImages()) {
      return defaults;
    }
    Map<String, String> values = new LinkedHashMap<>(defaults);
    values.put("num_images_per_prompt", Long.toString(asked(form)));
    return values;
  }

  @Override
  public FormMeter meter(MultipartHead form) {
    long images = asksForImages() ? asked(form) : 1;
    FormReader.requirePicture(form, DECODED);
    // A size that is guessed would let the sender choose what the job costs.
    long pixels =
        Media.pixels(form.file())
            .orElseThrow(
                () ->
                    Refusal.invalid(
                            "The picture's size is not in its first bytes; leave its metadata out.")
                        .raise());
    boolean makes = result.equals("images");
    return answer -> {
      long made = makes && answer != null ? Images.answered(answer, images) : images;
      Units units = Units.of(Unit.REQUESTS, 1).with(Unit.PIXELS, pixels * made);
      return makes ? units.with(Unit.GENERATIONS, made) : units;
    };
  }

  @Override
  public OptionalLong images(MultipartHead form) {
    return asksForImages() ? OptionalLong.of(asked(form)) : OptionalLong.empty();
  }

  private boolean asksForImages() {
    return capability.equals(IMAGE_TO_IMAGE);
  }

  private long asked(MultipartHead form) {
    return FormReader.number(form, openAi ? "n" : "num_images_per_prompt", 1, Images.MAX_IMAGES);
  }

  @Override
  public boolean isComplete(JsonNode answer) {
    return !Workload.isError(answer)
        && switch (result) {
          case "images" -> Workload.hasImages(answer);
          case "text" -> answer.path("text").isTextual();
          default -> answer.has(result);
        };
  }

  @Override
  public boolean readsPicture() {
    return true;
  }

  /** Masks are as large as the picture that the customer sent. */
  @Override
  public boolean isBilledWhenTooLarge() {
    return result.equals("masks");
  }
}
