package io.naap.router.workload;

import io.naap.router.http.Upload;
import io.vertx.core.Future;

/** A workload whose request is a JSON object. */
sealed interface JsonWorkload extends Workload
    permits ImageGenerations, LanguageModel, Speech, TextToImage, TextToSpeech {
  JsonRequest json();

  /** Checks a body that has been read, and says what job it asks for. */
  ParsedRequest parse(JsonBodyEditor given);

  @Override
  default Future<ParsedRequest> read(Upload upload, String tenantId) {
    return json().object(upload).map(this::parse);
  }
}
