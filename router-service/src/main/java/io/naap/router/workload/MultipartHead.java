package io.naap.router.workload;

import io.naap.contracts.json.Utf8;
import io.naap.contracts.problem.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.buffer.impl.BufferImpl;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The beginning of a multipart body: its small fields and where the first file starts. Read
 * strictly, because the gateway reads it again (Go's mime/multipart) and what is paid for must be
 * what it reads: whatever could be read in two ways is refused, and what is passed on is written
 * anew from what was read here.
 *
 * @param fields text fields before the file; of a whole body, also those after it
 * @param fileField the name of the file's field, empty when there is no file in sight
 * @param part what the file's part says of itself
 * @param file the file's first bytes, empty when there is none in sight
 * @param fileAt where the file begins in the body
 */
record MultipartHead(
    String boundary,
    Map<String, String> fields,
    String fileField,
    MultipartPart part,
    Buffer file,
    int fileAt) {
  /** Names of fields that jobs are measured by, or that choose a file. */
  private static final Set<String> MEASURED =
      Set.of(
          "model",
          "model_id",
          "prompt",
          "width",
          "height",
          "num_images_per_prompt",
          "n",
          "size",
          "image",
          "audio",
          "file",
          "mask",
          "text",
          "stream",
          "response_format");

  /** RFC 2046, section 5.1.1. */
  private static final Pattern BOUNDARY =
      Pattern.compile("[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]");

  private static final int MOST_FIELDS = 200;

  static String boundary(String contentType) {
    if (contentType != null) {
      MultipartPart.Parameters parameters =
          MultipartPart.Parameters.read(contentType, "multipart/form-data");
      if (parameters != null
          && BOUNDARY.matcher(parameters.all().getOrDefault("boundary", "")).matches()) {
        String charset = parameters.all().getOrDefault("charset", "utf-8");
        if (charset.equalsIgnoreCase("utf-8")) {
          return parameters.all().get("boundary");
        }
      }
    }
    throw Refusal.of(
            415,
            "unsupported_media_type",
            "Send the body as multipart/form-data with a boundary, in UTF-8.")
        .raise();
  }

  static MultipartHead read(String boundary, Buffer head) {
    return read(boundary, head, new LinkedHashMap<>());
  }

  /**
   * Reads on where fields have been read before, which may not come again.
   *
   * @param earlier is added to
   */
  static MultipartHead read(String boundary, Buffer head, Map<String, String> earlier) {
    byte[] line = ascii("--" + boundary + "\r\n");
    byte[] delimiter = ascii("\r\n--" + boundary);
    if (!startsWith(head, 0, line)) {
      throw malformed("The body does not begin with its boundary.");
    }
    int at = line.length;
    while (true) {
      int bodyAt = indexOf(head, END_OF_HEADERS, at, Math.min(head.length(), at + MOST_HEADERS));
      if (bodyAt < 0) {
        if (head.length() - at >= MOST_HEADERS) {
          throw malformed("A part of the body has too many headers.");
        }
        return new MultipartHead(boundary, earlier, "", null, Buffer.buffer(), 0);
      }
      MultipartPart part =
          MultipartPart.read(head.getString(at, bodyAt, StandardCharsets.ISO_8859_1.name()));
      JsonBodyEditor.spelledAs(MEASURED, part.name());
      bodyAt += END_OF_HEADERS.length;
      if (startsWith(head, bodyAt, ascii("--" + boundary))) {
        throw malformed("A part of the body has no end of its own.");
      }
      if (part.isFile()) {
        return new MultipartHead(
            boundary, earlier, part.name(), part, head.getBuffer(bodyAt, head.length()), bodyAt);
      }
      int end = indexOf(head, delimiter, bodyAt, head.length());
      if (end < 0) {
        throw Refusal.of(
                422, "invalid", "Send the fields of the form before its file; they are too large.")
            .raise();
      }
      add(earlier, part.name(), head.getBytes(bodyAt, end));
      at = end + delimiter.length;
      if (startsWith(head, at, DASHES)) {
        requireNothingAfter(head, at + DASHES.length);
        return new MultipartHead(boundary, earlier, "", null, Buffer.buffer(), 0);
      }
      if (at + 2 <= head.length() && !startsWith(head, at, NEW_LINE)) {
        throw malformed("The body has its boundary within a part.");
      }
      at += NEW_LINE.length;
    }
  }

  private static final byte[] END_OF_HEADERS = ascii("\r\n\r\n");
  private static final byte[] NEW_LINE = ascii("\r\n");
  private static final byte[] DASHES = ascii("--");
  private static final int MOST_HEADERS = 8_192;

  private static void add(Map<String, String> fields, String name, byte[] value) {
    if (!Utf8.isWellFormed(value)) {
      throw malformed("Field \"" + name + "\" is not UTF-8.");
    }
    if (fields.putIfAbsent(name, new String(value, StandardCharsets.UTF_8)) != null) {
      throw Refusal.invalid("Field \"" + name + "\" is there twice.").raise();
    }
    if (fields.size() > MOST_FIELDS) {
      throw Refusal.invalid("A form may have " + MOST_FIELDS + " fields.").raise();
    }
  }

  private static void requireNothingAfter(Buffer body, int at) {
    for (int rest = at; rest < body.length(); rest++) {
      if (body.getByte(rest) != '\r' && body.getByte(rest) != '\n') {
        throw malformed("The body goes on after its end.");
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
    byte[] delimiter = ascii("\r\n--" + boundary);
    int fileEnd = indexOf(body, delimiter, head.fileAt, body.length());
    if (fileEnd < 0) {
      throw malformed("The body does not end.");
    }
    readTail(boundary, body.getBuffer(fileEnd, body.length()), head.fields);
    return new MultipartHead(
        boundary,
        head.fields,
        head.fileField,
        head.part,
        BufferImpl.buffer(raw(body).slice(head.fileAt, fileEnd - head.fileAt)),
        head.fileAt);
  }

  /**
   * Reads what comes after the file: fields, and the end.
   *
   * @param tail begins with the delimiter
   * @param fields of before, to which these are added
   */
  static void readTail(String boundary, Buffer tail, Map<String, String> fields) {
    int at = NEW_LINE.length + DASHES.length + boundary.length();
    if (startsWith(tail, at, DASHES)) {
      requireNothingAfter(tail, at + DASHES.length);
      return;
    }
    MultipartHead after = read(boundary, tail.getBuffer(NEW_LINE.length, tail.length()), fields);
    if (after.fileAt != 0) {
      throw Refusal.invalid("The form may have one file only.").raise();
    }
    if (indexOf(tail, ascii("\r\n--" + boundary + "--"), 0, tail.length()) < 0) {
      throw malformed("The body does not end.");
    }
  }

  /** The bytes themselves: a slice of them is no copy. */
  private static ByteBuf raw(Buffer buffer) {
    return ((BufferImpl) buffer).byteBuf();
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static boolean startsWith(Buffer body, int at, byte[] what) {
    if (at + what.length > body.length()) {
      return false;
    }
    for (int i = 0; i < what.length; i++) {
      if (body.getByte(at + i) != what[i]) {
        return false;
      }
    }
    return true;
  }

  /** Where it stands whole between two positions, or -1. */
  static int indexOf(Buffer body, byte[] what, int from, int to) {
    int at = from;
    while (at + what.length <= to) {
      int first = raw(body).indexOf(at, to - what.length + 1, what[0]);
      if (first < 0) {
        return -1;
      }
      if (startsWith(body, first, what)) {
        return first;
      }
      at = first + 1;
    }
    return -1;
  }

  static Refusal.RefusedException malformed(String detail) {
    return Refusal.of(400, "malformed_multipart", detail).raise();
  }

  /** The media type of what is passed on. */
  String contentType() {
    return "multipart/form-data; boundary=\"" + boundary + "\"";
  }

  /**
   * The beginning as it is passed on: what is made explicit, the fields, and the file's part up to
   * where the file begins.
   *
   * @param values fields that must be there, where the client has not given them
   * @param fileField the name of the file's field for the gateway
   */
  Buffer written(Map<String, String> values, String fileField) {
    Buffer written = Buffer.buffer();
    Map<String, String> all = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          if (fields.getOrDefault(name, "").isBlank()) {
            all.put(name, value);
          }
        });
    fields.forEach(all::putIfAbsent);
    all.forEach(
        (name, value) ->
            written
                .appendString("--" + boundary + "\r\nContent-Disposition: form-data; name=\"")
                .appendString(name)
                .appendString("\"\r\n\r\n")
                .appendString(value)
                .appendString("\r\n"));
    if (fileAt == 0) {
      return written;
    }
    return written
        .appendString("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + fileField)
        .appendString("\"; filename=\"" + part.fileName() + "\"\r\nContent-Type: ")
        .appendString(part.mediaType() + "\r\n\r\n");
  }

  /** All of a whole body as it is passed on; the file's bytes are not copied. */
  Buffer writtenWhole(Map<String, String> values, String fileField) {
    return BufferImpl.buffer(
        Unpooled.wrappedBuffer(
            raw(written(values, fileField)),
            raw(file),
            Unpooled.wrappedBuffer(ascii("\r\n--" + boundary + "--\r\n"))));
  }
}
