package io.naap.router.workload;

import io.naap.router.http.Upload;
import io.vertx.core.Future;
import java.util.Map;
import java.util.OptionalLong;

/** A workload whose request is a multipart form with one file. */
sealed interface FormWorkload extends Workload permits AudioToText, ImageToVideo, PictureInput {
  FormReader forms();

  /** The name of the file's field at the gateway. */
  String fileField();

  /**
   * Looks at the form's fields and the file's first bytes, and refuses a form whose cost these do
   * not tell.
   */
  FormMeter meter(MultipartHead form);

  /** Fields that the gateway gets where the customer did not send them. */
  Map<String, String> defaults(MultipartHead form);

  /** The images the form asks for, where the answer has images that are counted. */
  default OptionalLong images(MultipartHead form) {
    return OptionalLong.empty();
  }

  @Override
  default Future<ParsedRequest> read(Upload upload, String tenantId) {
    return forms().read(this, upload);
  }
}
