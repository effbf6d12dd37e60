package io.naap.router.workload;

import io.naap.contracts.problem.Refusal;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The beginning of a multipart body: its small fields and where the first file starts. Read
 * strictly, because the gateway reads it again: a body must begin with its boundary.
 *
 * @param fields text fields before the file; of a whole body, also those after it
 * @param fileField the name of the file's field, empty when there is no file in sight
 * @param file the file's first bytes, empty when there is none in sight
 * @param fileAt where the file begins in the body
 */
record MultipartHead(
    String boundary, Map<String, String> fields, String fileField, Buffer file, int fileAt) {
  private static final Pattern BOUNDARY =
      Pattern.compile("boundary=(?:\"([^\"]{1,70})\"|([^;\\s]{1,70}))", Pattern.CASE_INSENSITIVE);
  private static final Pattern NAME = Pattern.compile("[;\\s]name=\"([^\"]{1,100})\"");

  static String boundary(String contentType) {
    Matcher found = BOUNDARY.matcher(contentType == null ? "" : contentType);
    if (contentType == null
        || !contentType.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")
        || !found.find()) {
      throw Refusal.of(
              415,
              "unsupported_media_type",
              "Send the body as multipart/form-data with a boundary.")
          .raise();
    }
    return found.group(1) != null ? found.group(1) : found.group(2);
  }

  static MultipartHead read(String boundary, Buffer head) {
    // Latin-1 keeps one character a byte, so that positions in text are positions in bytes.
    String text = head.toString(StandardCharsets.ISO_8859_1);
    String line = "--" + boundary + "\r\n";
    if (!text.startsWith(line)) {
      throw Refusal.of(400, "malformed_multipart", "The body does not begin with its boundary.")
          .raise();
    }
    Map<String, String> fields = new LinkedHashMap<>();
    int at = line.length();
    while (true) {
      int bodyAt = text.indexOf("\r\n\r\n", at);
      if (bodyAt < 0) {
        return new MultipartHead(boundary, fields, "", Buffer.buffer(), 0);
      }
      String headers = text.substring(at, bodyAt);
      Matcher name = NAME.matcher(headers);
      if (!name.find()) {
        throw Refusal.of(400, "malformed_multipart", "A part of the body has no name.").raise();
      }
      bodyAt += 4;
      if (headers.toLowerCase(Locale.ROOT).contains("filename")) {
        return new MultipartHead(
            boundary, fields, name.group(1), head.getBuffer(bodyAt, head.length()), bodyAt);
      }
      int end = text.indexOf("\r\n--" + boundary, bodyAt);
      if (end < 0) {
        throw Refusal.of(
                422, "invalid", "Send the fields of the form before its file; they are too large.")
            .raise();
      }
      String value =
          new String(
              text.substring(bodyAt, end).getBytes(StandardCharsets.ISO_8859_1),
              StandardCharsets.UTF_8);
      if (fields.putIfAbsent(name.group(1), value) != null) {
        throw Refusal.invalid("Field \"" + name.group(1) + "\" is there twice.").raise();
      }
      at = end + 2 + line.length();
      if (text.startsWith("--", at - 2)) {
        return new MultipartHead(boundary, fields, "", Buffer.buffer(), 0);
      }
    }
  }

  /**
   * Reads a whole body, with the fields that come after its file; a second file is refused.
   *
   * @return the same with {@code file} being all of the file and nothing else
   */
  static MultipartHead readWhole(String boundary, Buffer body) {
    MultipartHead head = read(boundary, body);
    if (head.fileAt == 0) {
      return head;
    }
    byte[] end = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
    int fileEnd = indexOf(body, end, head.fileAt);
    if (fileEnd < 0) {
      throw Refusal.of(400, "malformed_multipart", "The body does not end.").raise();
    }
    Map<String, String> fields = new LinkedHashMap<>(head.fields);
    if (!isLast(body, fileEnd + end.length)) {
      MultipartHead after = read(boundary, body.getBuffer(fileEnd + 2, body.length()));
      if (after.fileAt != 0) {
        throw Refusal.invalid("The form may have one file only.").raise();
      }
      after.fields.forEach(
          (name, value) -> {
            if (fields.putIfAbsent(name, value) != null) {
              throw Refusal.invalid("Field \"" + name + "\" is there twice.").raise();
            }
          });
    }
    return new MultipartHead(
        boundary, fields, head.fileField, body.getBuffer(head.fileAt, fileEnd), head.fileAt);
  }

  private static boolean isLast(Buffer body, int at) {
    return body.length() >= at + 2 && body.getByte(at) == '-' && body.getByte(at + 1) == '-';
  }

  private static int indexOf(Buffer body, byte[] what, int from) {
    int last = body.length() - what.length;
    for (int at = from; at <= last; at++) {
      int same = 0;
      while (same < what.length && body.getByte(at + same) == what[same]) {
        same++;
      }
      if (same == what.length) {
        return at;
      }
    }
    return -1;
  }

  /** The beginning with the file's field under another name. */
  Buffer renamed(Buffer head, String to) {
    if (fileAt == 0 || fileField.equals(to)) {
      return head;
    }
    String before = head.getBuffer(0, fileAt).toString(StandardCharsets.ISO_8859_1);
    String field = " name=\"" + fileField + "\"";
    int at = before.lastIndexOf(field);
    String changed =
        before.substring(0, at) + " name=\"" + to + "\"" + before.substring(at + field.length());
    return Buffer.buffer(changed.getBytes(StandardCharsets.ISO_8859_1))
        .appendBuffer(head.getBuffer(fileAt, head.length()));
  }

  /** Parts to put before the body, so that nothing is left to a gateway's default. */
  Buffer missing(Map<String, String> values) {
    Buffer parts = Buffer.buffer();
    values.forEach(
        (name, value) -> {
          if (!fields.containsKey(name)) {
            parts.appendString(
                "--"
                    + boundary
                    + "\r\nContent-Disposition: form-data; name=\""
                    + name
                    + "\"\r\n\r\n"
                    + value
                    + "\r\n");
          }
        });
    return parts;
  }
}
