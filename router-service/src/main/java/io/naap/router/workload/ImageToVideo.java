package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.http.Upload;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Set;

/** A video from an image; paid by the pixels of the video's frames. */
record ImageToVideo(FormReader forms, Endpoint endpoint, String capability, String fileField)
    implements FormWorkload {
  private static final long WIDTH = 1024;
  private static final long HEIGHT = 576;
  private static final long FRAMES = 25;

  /** Gateways do not decode this picture, so all kinds that runners take are fine. */
  private static final Set<Media.Picture> READABLE =
      Set.of(Media.Picture.PNG, Media.Picture.JPEG, Media.Picture.GIF, Media.Picture.WEBP);

  ImageToVideo(FormReader forms) {
    this(forms, Endpoint.IMAGE_TO_VIDEO, "image-to-video", "image");
  }

  @Override
  public Future<ParsedRequest> read(Upload upload, String tenantId) {
    if (upload.getHeader("Prefer") != null) {
      return Future.failedFuture(
          Refusal.invalid("Asynchronous answers are not offered; leave out the Prefer header.")
              .raise());
    }
    return forms.read(this, upload);
  }

  @Override
  public Map<String, String> defaults(MultipartHead form) {
    return Map.of("width", Long.toString(WIDTH), "height", Long.toString(HEIGHT));
  }

  @Override
  public FormMeter meter(MultipartHead form) {
    FormReader.requirePicture(form, READABLE);
    long pixels =
        FormReader.number(form, "width", WIDTH, Images.MAX_SIDE)
            * FormReader.number(form, "height", HEIGHT, Images.MAX_SIDE)
            * FRAMES;
    return answer -> Units.of(Unit.REQUESTS, 1).with(Unit.PIXELS, pixels).with(Unit.GENERATIONS, 1);
  }

  @Override
  public boolean isComplete(JsonNode answer) {
    return !Workload.isError(answer) && Workload.hasImages(answer);
  }

  @Override
  public boolean readsPicture() {
    return true;
  }
}
