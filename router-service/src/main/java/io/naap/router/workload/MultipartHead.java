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
 * strictly, because the gateway reads it again (Go's mime/multipart) and what is paid for must be
 * what it reads: whatever could be read in two ways is refused.
 *
 * @param fields text fields before the file; of a whole body, also those after it
 * @param fileField the name of the file's field, empty when there is no file in sight
 * @param nameAt where that name is written in the body
 * @param file the file's first bytes, empty when there is none in sight
 * @param fileAt where the file begins in the body
 */
record MultipartHead(
    String boundary,
    Map<String, String> fields,
    String fileField,
    int nameAt,
    Buffer file,
    int fileAt) {
  private static final String FORM = "form-data";

  /** Nothing is tried twice: a header may be as long as the beginning that is looked at. */
  private static final Pattern PARAMETER =
      pattern("\\s*+;\\s*+([a-z0-9_*-]++)=(?:\"((?:[^\"\\\\]++|\\\\.)*+)\"|([^\\s;\"\\\\]++))");

  private static final Pattern END = pattern("\\s*+;?+\\s*+");
  private static final Pattern HEADER = pattern("([a-z0-9-]+):([^\\r\\n]*)");
  private static final Pattern BOUNDARY = Pattern.compile("[^\"\\\\]{1,70}");
  private static final Pattern NAME = Pattern.compile("[^\"\\\\]{1,100}");

  /** RFC 8187: anything else is no file's name to the gateway. */
  private static final Pattern ENCODED_NAME =
      pattern("(?:utf-8|us-ascii)'[a-z0-9-]*'(?:[^%'\\s]|%[0-9a-f]{2})++");

  private static Pattern pattern(String text) {
    return Pattern.compile(text, Pattern.CASE_INSENSITIVE);
  }

  static String boundary(String contentType) {
    if (contentType != null) {
      Parameters parameters = Parameters.read(contentType, "multipart/" + FORM);
      if (parameters != null
          && BOUNDARY.matcher(parameters.all.getOrDefault("boundary", "")).matches()) {
        return parameters.all.get("boundary");
      }
    }
    throw Refusal.of(
            415, "unsupported_media_type", "Send the body as multipart/form-data with a boundary.")
        .raise();
  }

  /**
   * The parameters of a header's value, each once; only file names may be encoded.
   *
   * @param nameAt where the one called name is written
   */
  private record Parameters(Map<String, String> all, int nameAt) {
    /** Null when the value is of another kind, or cannot be read to its end. */
    static Parameters read(String value, String kind) {
      int at = 0;
      while (at < value.length() && (value.charAt(at) == ' ' || value.charAt(at) == '\t')) {
        at++;
      }
      if (!value.regionMatches(true, at, kind, 0, kind.length())) {
        return null;
      }
      at += kind.length();
      Map<String, String> all = new LinkedHashMap<>();
      int nameAt = 0;
      Matcher next = PARAMETER.matcher(value);
      while (next.region(at, value.length()).lookingAt()) {
        String name = next.group(1).toLowerCase(Locale.ROOT);
        int group = next.group(2) != null ? 2 : 3;
        String text = next.group(group);
        if ((name.contains("*")
                && !(name.equals("filename*") && ENCODED_NAME.matcher(text).matches()))
            || all.put(name, text) != null) {
          throw malformed("A header of the body has a parameter that cannot be read.");
        }
        if (name.equals("name")) {
          nameAt = next.start(group);
        }
        at = next.end();
      }
      return END.matcher(value).region(at, value.length()).matches()
          ? new Parameters(all, nameAt)
          : null;
    }
  }

  private static Refusal.RefusedException malformed(String detail) {
    return Refusal.of(400, "malformed_multipart", detail).raise();
  }

  /**
   * What a part says of itself.
   *
   * @param nameAt where the name is written in the part's headers
   */
  private record Part(String name, int nameAt, boolean isFile) {
    static Part read(String headers) {
      String disposition = null;
      int dispositionAt = 0;
      int at = 0;
      for (String line : headers.split("\r\n", -1)) {
        Matcher header = HEADER.matcher(line);
        if (!header.matches()) {
          throw malformed("A part of the body has a header that cannot be read.");
        }
        if (header.group(1).equalsIgnoreCase("Content-Disposition")) {
          if (disposition != null) {
            throw malformed("A part of the body has two names.");
          }
          disposition = header.group(2);
          dispositionAt = at + header.start(2);
        } else if (header.group(1).equalsIgnoreCase("Content-Transfer-Encoding")
            && header.group(2).strip().equalsIgnoreCase("quoted-printable")) {
          throw malformed("Send the parts of the body as they are, not quoted-printable.");
        }
        at += line.length() + 2;
      }
      Parameters parameters = disposition == null ? null : Parameters.read(disposition, FORM);
      if (parameters == null || !NAME.matcher(parameters.all.getOrDefault("name", "")).matches()) {
        throw malformed("A part of the body has no name.");
      }
      // A part without a file's name is a field to the gateway.
      boolean isFile =
          parameters.all.containsKey("filename*")
              || !parameters.all.getOrDefault("filename", "").isEmpty();
      return new Part(parameters.all.get("name"), dispositionAt + parameters.nameAt, isFile);
    }
  }

  static MultipartHead read(String boundary, Buffer head) {
    // Latin-1 keeps one character a byte, so that positions in text are positions in bytes.
    String text = head.toString(StandardCharsets.ISO_8859_1);
    String line = "--" + boundary + "\r\n";
    if (!text.startsWith(line)) {
      throw malformed("The body does not begin with its boundary.");
    }
    Map<String, String> fields = new LinkedHashMap<>();
    int at = line.length();
    while (true) {
      int bodyAt = text.indexOf("\r\n\r\n", at);
      if (bodyAt < 0) {
        return new MultipartHead(boundary, fields, "", 0, Buffer.buffer(), 0);
      }
      Part part = Part.read(text.substring(at, bodyAt));
      bodyAt += 4;
      if (text.startsWith("--" + boundary, bodyAt)) {
        throw malformed("A part of the body has no end of its own.");
      }
      if (part.isFile()) {
        return new MultipartHead(
            boundary,
            fields,
            part.name(),
            at + part.nameAt(),
            head.getBuffer(bodyAt, head.length()),
            bodyAt);
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
      if (fields.putIfAbsent(part.name(), value) != null) {
        throw Refusal.invalid("Field \"" + part.name() + "\" is there twice.").raise();
      }
      at = end + 2 + line.length();
      if (text.startsWith("--", at - 2)) {
        return new MultipartHead(boundary, fields, "", 0, Buffer.buffer(), 0);
      }
      if (at <= text.length() && !text.startsWith("\r\n", at - 2)) {
        throw malformed("The body has its boundary within a part.");
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
      throw malformed("The body does not end.");
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
        boundary,
        fields,
        head.fileField,
        head.nameAt,
        body.getBuffer(head.fileAt, fileEnd),
        head.fileAt);
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
    return Buffer.buffer()
        .appendBuffer(head, 0, nameAt)
        .appendString(to)
        .appendBuffer(
            head, nameAt + fileField.length(), head.length() - nameAt - fileField.length());
  }

  /**
   * Parts to put before the body, so that nothing is left to a gateway's default, nor to a field
   * after the file: of two, the gateway takes the first.
   */
  Buffer missing(Map<String, String> values) {
    Buffer parts = Buffer.buffer();
    values.forEach(
        (name, value) -> {
          if (fields.getOrDefault(name, "").isBlank()) {
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
