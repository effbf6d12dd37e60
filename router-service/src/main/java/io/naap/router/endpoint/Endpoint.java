package io.naap.router.endpoint;

/** Every endpoint of the router: method, path, who may call it, what it does. */
public enum Endpoint {
  TEXT_TO_IMAGE("POST", "/text-to-image", Access.API_KEY, "Images from a text"),
  IMAGE_TO_IMAGE("POST", "/image-to-image", Access.API_KEY, "Images from an image"),
  UPSCALE("POST", "/upscale", Access.API_KEY, "A larger image"),
  IMAGE_TO_VIDEO("POST", "/image-to-video", Access.API_KEY, "A video from an image"),
  SEGMENT_ANYTHING("POST", "/segment-anything-2", Access.API_KEY, "Masks of an image"),
  IMAGE_TO_TEXT("POST", "/image-to-text", Access.API_KEY, "A text about an image"),
  AUDIO_TO_TEXT("POST", "/audio-to-text", Access.API_KEY, "What is said in a recording"),
  TEXT_TO_SPEECH("POST", "/text-to-speech", Access.API_KEY, "A text read aloud"),
  LLM("POST", "/llm", Access.API_KEY, "A language model's answer, whole or as server-sent events"),
  CHAT_COMPLETIONS(
      "POST", "/v1/chat/completions", Access.API_KEY, "The same, as OpenAI's clients ask for it"),
  IMAGE_GENERATIONS(
      "POST", "/v1/images/generations", Access.API_KEY, "Images from a text, in OpenAI's shapes"),
  IMAGE_EDITS(
      "POST",
      "/v1/images/edits",
      Access.API_KEY,
      "Images from an image and a text, in OpenAI's shapes"),
  IMAGE_VARIATIONS(
      "POST", "/v1/images/variations", Access.API_KEY, "Images like an image, in OpenAI's shapes"),
  AUDIO_TRANSCRIPTIONS(
      "POST",
      "/v1/audio/transcriptions",
      Access.API_KEY,
      "What is said in a recording, in OpenAI's shapes"),
  AUDIO_SPEECH(
      "POST", "/v1/audio/speech", Access.API_KEY, "A text read aloud, answered with the recording"),
  MODELS(
      "GET", "/v1/models", Access.API_KEY, "Models the key may use, with their prices and health"),
  PROCESS("POST", "/process/request/{path}", "/process/request/.+", Access.API_KEY, "A BYOC job"),
  PROCESS_START("POST", "/process/stream/start", Access.API_KEY, "Start a BYOC stream"),
  PROCESS_STATUS(
      "GET", "/process/stream/{stream}/status", Access.API_KEY, "How a BYOC stream does"),
  PROCESS_UPDATE(
      "POST",
      "/process/stream/{stream}/update",
      Access.API_KEY,
      "Change a BYOC stream's parameters"),
  PROCESS_STOP("POST", "/process/stream/{stream}/stop", Access.API_KEY, "End a BYOC stream"),
  PROCESS_DATA(
      "GET",
      "/process/stream/{stream}/data",
      Access.API_KEY,
      "What a BYOC stream makes, as server-sent events"),
  PROCESS_WHIP(
      "POST", "/process/stream/{stream}/whip", Access.API_KEY, "Send video to a BYOC stream"),
  PROCESS_WHEP(
      "POST", "/process/stream/{stream}/whep", Access.API_KEY, "Watch a BYOC stream's video"),
  PUSH_SEGMENT(
      "POST", "/live/{stream}/{file}", Pattern.SEGMENT, Access.API_KEY, "Transcode a segment"),
  PUT_SEGMENT(
      "PUT", "/live/{stream}/{file}", Pattern.SEGMENT, Access.API_KEY, "Transcode a segment"),
  MEDIA(
      "GET",
      "/stream/{gateway}/{file}",
      "/stream/g-[a-z0-9-]+/.+",
      Access.ANYBODY,
      "A media file that an answer named"),
  WHIP("POST", "/live/video-to-video/{stream}/whip", Access.API_KEY, "Offer a live stream (WHIP)"),
  WHIP_END("DELETE", "/live/video-to-video/{stream}/whip", Access.API_KEY, "End a live stream"),
  WHEP("POST", "/live/video-to-video/{stream}/whep", Access.API_KEY, "Watch a live stream (WHEP)"),
  LIVE_STATUS(
      "GET", "/live/video-to-video/{stream}/status", Access.API_KEY, "How a live stream does"),
  LIVE_UPDATE(
      "POST",
      "/live/video-to-video/{stream}/update",
      Access.API_KEY,
      "Change a live stream's parameters"),
  LIVE_AUTH(
      "POST",
      "/hooks/gateways/{secret}/live-auth",
      Access.GATEWAY_SECRET,
      "go-livepeer's -liveAIAuthWebhookUrl"),
  LIVE_HEARTBEAT(
      "POST",
      "/hooks/gateways/{secret}/live-heartbeat",
      Access.GATEWAY_SECRET,
      "go-livepeer's -liveAIHeartbeatURL"),
  PUSH_AUTH(
      "POST",
      "/hooks/gateways/{secret}/auth",
      Access.GATEWAY_SECRET,
      "go-livepeer's -authWebhookUrl"),
  ORCHESTRATORS(
      "GET",
      "/hooks/gateways/{secret}/orchestrators",
      Access.GATEWAY_SECRET,
      "go-livepeer's -orchWebhookUrl: the orchestrators of the gateway's pool");

  private final String method;
  private final String path;
  private final String pattern;
  private final Access access;
  private final String summary;

  Endpoint(String method, String path, Access access, String summary) {
    this(method, path, null, access, summary);
  }

  Endpoint(String method, String path, String pattern, Access access, String summary) {
    this.method = method;
    this.path = path;
    this.pattern = pattern;
    this.access = access;
    this.summary = summary;
  }

  public String method() {
    return method;
  }

  /** The path, with its parameters in braces as OpenAPI writes it. */
  public String path() {
    return path;
  }

  public Access access() {
    return access;
  }

  public String summary() {
    return summary;
  }

  /** A regular expression for paths that parameters alone do not describe, else null. */
  String pattern() {
    return pattern;
  }

  /** Patterns that two endpoints share. */
  private static final class Pattern {
    static final String SEGMENT = "/live/(?<stream>[^/]+)/(?<file>[0-9]{1,12}\\.(?:ts|mp4))";

    private Pattern() {}
  }
}
