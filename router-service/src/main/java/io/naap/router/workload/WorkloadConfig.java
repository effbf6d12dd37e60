package io.naap.router.workload;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;

/** Limits and defaults of requests. */
@ConfigMapping(prefix = "naap.workload")
public interface WorkloadConfig {
  /** The most bytes of a JSON body. */
  @WithDefault("4194304")
  long jsonMaxBytes();

  /** The most bytes of a multipart body. */
  @WithDefault("104857600")
  long multipartMaxBytes();

  /** The most bytes of a form on OpenAI's paths, which is read whole: OpenAI's own limit. */
  @WithDefault("26214400")
  long openAiMultipartMaxBytes();

  /** The most bytes of a segment: 300 s at 8 Mb/s. */
  @WithDefault("314572800")
  long segmentMaxBytes();

  /**
   * Presets of a stream whose segments ask for no renditions, by go-livepeer's names; gateways are
   * always told, so their own {@code -transcodingOptions} do not matter.
   */
  @WithDefault("P240p30fps16x9,P360p30fps16x9")
  List<String> renditions();

  /**
   * Frames a second, 1 to 240, that are counted for a rendition with the frame rate of its source;
   * go-livepeer's own assumption is 60, too.
   */
  @WithDefault("60")
  long sourceFramesPerSecond();

  /**
   * Bytes of a multipart body that are read for its fields and its file's header before it is
   * forwarded.
   */
  @WithDefault("65536")
  int headBytes();

  /** Bits a second of audio whose container is not read; low, so that no audio is missed. */
  @WithDefault("64000")
  long audioBitsPerSecond();

  /** Output tokens when a request does not limit them. */
  @WithDefault("1024")
  long maxTokens();

  /**
   * How many jobs of a capability and model must be done before holds are taken for what such jobs
   * usually come to, where a request does not say; 0 for never.
   */
  @WithDefault("20")
  int learnAfter();
}
