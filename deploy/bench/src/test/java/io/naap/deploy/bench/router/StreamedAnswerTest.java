package io.naap.deploy.bench.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StreamedAnswerTest {
  private static String bodyOf(int atOnce, String answer) {
    byte[] bytes = answer.getBytes(StandardCharsets.ISO_8859_1);
    StreamedAnswer read = new StreamedAnswer();
    StringBuilder body = new StringBuilder();
    for (int at = 0; at < bytes.length; at += atOnce) {
      int length = Math.min(atOnce, bytes.length - at);
      byte[] part = new byte[length];
      System.arraycopy(bytes, at, part, 0, length);
      read.take(part, length, body);
    }
    return body.toString();
  }

  @Test
  void joinsWhatAPeerCutInTheMiddleOfANumber() {
    String answer =
        """
        HTTP/1.1 200 OK
        Transfer-Encoding: chunked

        9
        sent at 4
        b
        6768715862\s
        0

        """
            .replace("\n", "\r\n");

    for (int atOnce = 1; atOnce <= answer.length(); atOnce++) {
      assertThat(bodyOf(atOnce, answer)).isEqualTo("sent at 46768715862 ");
    }
  }

  @Test
  void takesABodyWithoutChunksAsItIs() {
    assertThat(bodyOf(7, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsent at "))
        .isEqualTo("sent at ");
  }
}
