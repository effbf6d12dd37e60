package io.naap.router.workload;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.edge.EdgeConfig;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.routing.RoutingTables;
import jakarta.inject.Singleton;
import java.util.List;

/** The kinds of jobs this router takes, one line each. */
@Singleton
public class Registry {
  private final List<Workload> workloads;

  Registry(
      WorkloadConfig config,
      EdgeConfig edge,
      ObjectMapper mapper,
      RoutingTables tables,
      ByocHeaderReader headers) {
    JsonRequest json = new JsonRequest(mapper, edge.jsonLimits(), config.jsonMaxBytes());
    FormReader forms = new FormReader(config);
    workloads =
        List.of(
            new TextToImage(json),
            new ImageGenerations(json),
            new TextToSpeech(json),
            new Speech(json),
            new LanguageModel(json, config.maxTokens(), Endpoint.LLM, false),
            new LanguageModel(json, config.maxTokens(), Endpoint.CHAT_COMPLETIONS, true),
            AudioToText.nativePath(forms, config.audioBitsPerSecond()),
            AudioToText.openAiPath(forms, config.audioBitsPerSecond()),
            new ImageToVideo(forms),
            PictureInput.nativePath(forms, Endpoint.IMAGE_TO_IMAGE, "images"),
            PictureInput.nativePath(forms, Endpoint.UPSCALE, "images"),
            PictureInput.nativePath(forms, Endpoint.SEGMENT_ANYTHING, "masks"),
            PictureInput.nativePath(forms, Endpoint.IMAGE_TO_TEXT, "text"),
            PictureInput.imageEdits(forms),
            PictureInput.imageVariations(forms),
            new Transcoding(config, json, Endpoint.PUSH_SEGMENT),
            new Transcoding(config, json, Endpoint.PUT_SEGMENT),
            new ByocJob(config.multipartMaxBytes(), headers, tables));
  }

  public List<Workload> workloads() {
    return workloads;
  }
}
