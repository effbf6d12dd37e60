package io.naap.deploy.simulator;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** A multipart form, read whole; the first part of a name counts, as go-livepeer binds it. */
final class Multipart {
  private Multipart() {}

  /**
   * Reads the parts by name.
   *
   * @throws IllegalArgumentException when it is not a form
   */
  static Map<String, byte[]> parts(String contentType, Buffer body) {
    int at = contentType == null ? -1 : contentType.indexOf("boundary=");
    if (at < 0 || !contentType.startsWith("multipart/form-data")) {
      throw new IllegalArgumentException("not a multipart form");
    }
    String boundary = contentType.substring(at + "boundary=".length()).replace("\"", "");
    int semicolon = boundary.indexOf(';');
    String mark = "--" + (semicolon < 0 ? boundary : boundary.substring(0, semicolon));
    String text = body.toString(StandardCharsets.ISO_8859_1.name());
    Map<String, byte[]> parts = new LinkedHashMap<>();
    int start = text.indexOf(mark);
    boolean closed = false;
    while (start >= 0 && !closed) {
      int head = start + mark.length();
      if (text.startsWith("--", head)) {
        closed = true;
        continue;
      }
      int data = text.indexOf("\r\n\r\n", head);
      int end = text.indexOf("\r\n" + mark, head);
      if (data < 0 || end < 0) {
        break;
      }
      String name = name(text.substring(head, data));
      String content = data + 4 <= end ? text.substring(data + 4, end) : "";
      parts.putIfAbsent(name, content.getBytes(StandardCharsets.ISO_8859_1));
      start = end + 2;
    }
    if (!closed) {
      throw new IllegalArgumentException("multipart: NextPart: EOF");
    }
    return parts;
  }

  private static String name(String head) {
    int at = head.indexOf("name=\"");
    return at < 0 ? "" : head.substring(at + 6, head.indexOf('"', at + 6));
  }
}
