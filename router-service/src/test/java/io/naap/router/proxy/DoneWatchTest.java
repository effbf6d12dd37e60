package io.naap.router.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DoneWatchTest {
  /** Where the stream ends when it comes in pieces of so many bytes, or -1. */
  private static int end(String stream, int piece) {
    DoneWatch watch = new DoneWatch();
    Buffer all = Buffer.buffer(stream);
    for (int at = 0; at < all.length(); at += piece) {
      int taken = watch.take(all.getBuffer(at, Math.min(all.length(), at + piece)));
      if (watch.isDone()) {
        return at + taken;
      }
    }
    return -1;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: [DONE]\n",
        "data:[DONE]\n",
        "data: [DONE]\r\n",
        "data: [DONE]\r",
        "data:   [DONE]   \n",
        "\ufeffdata: [DONE]\n",
        "data: 1\n\nevent: x\ndata: [DONE]\n",
        "data: [DONE\n]\n\ndata: [DONE]\n"
      })
  void isFoundHoweverItIsWrittenAndCut(String stream) {
    int bytes = Buffer.buffer(stream.replaceAll("\r\n$", "\r")).length();
    for (int piece = 1; piece < 20; piece++) {
      assertThat(end(stream + "\ndata: again\n\ndata: [DONE]\n", piece)).isEqualTo(bytes);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: [DONE]",
        "data: {\"a\":\"[DONE]\"}\n\n",
        "[DONE]\n\n",
        ": [DONE]\n\n",
        "data: [DONE] or not, which is a rather long line to look at\n\n",
        "xdata: [DONE]\n\n",
        "data: [done]\n\n"
      })
  void anythingElseIsNotTheEnd(String stream) {
    for (int piece = 1; piece < 20; piece++) {
      assertThat(end(stream, piece)).isEqualTo(-1);
    }
  }
}
