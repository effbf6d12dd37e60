package io.naap.deploy.bench.router;

/** The one job that all peers pass on: a chat completion, as OpenAI's clients send it. */
final class Job {
  static final String PATH = "/v1/chat/completions";
  static final String BODY =
      """
      {"model":"bench/model","max_tokens":16,"messages":[{"role":"system","content":"You count."},\
      {"role":"user","content":"Count to eight, one word each, and say nothing else."}]}""";

  /** The same, with an answer that comes piece by piece. */
  static final String STREAMED = BODY.substring(0, BODY.length() - 1) + ",\"stream\":true}";

  private Job() {}
}
