package io.naap.router.workload;

import io.naap.contracts.json.Utf8;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a part of a form says of itself.
 *
 * @param fileName without what a program could read in another way
 * @param mediaType of a file
 */
record MultipartPart(String name, boolean isFile, String fileName, String mediaType) {
  private static final String FORM = "form-data";

  /** Nothing is tried twice: a header may be as long as the beginning that is looked at. */
  private static final Pattern PARAMETER =
      pattern("\\s*+;\\s*+([a-z0-9_*-]++)=(?:\"((?:[^\"\\\\]++|\\\\.)*+)\"|([^\\s;\"\\\\]++))");

  private static final Pattern END = pattern("\\s*+;?+\\s*+");
  private static final Pattern HEADER = pattern("([a-z0-9-]+):([^\\r\\n]*)");
  private static final Pattern NAME = pattern("[a-z0-9_.\\[\\]-]{1,100}");

  /** RFC 8187: anything else is no file's name to the gateway. */
  private static final Pattern ENCODED_NAME =
      pattern("(?:utf-8|us-ascii)'[a-z0-9-]*'(?:[^%'\\s]|%[0-9a-f]{2})++");

  private static final Pattern FILE_NAME = pattern("[a-z0-9][a-z0-9 ._()-]{0,99}");
  private static final Pattern MEDIA_TYPE =
      pattern("[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,60}");

  /** Encodings that leave the bytes as they are (RFC 2045). */
  private static final Set<String> AS_IT_IS = Set.of("7bit", "8bit", "binary");

  private static final String ANY_BYTES = "application/octet-stream";

  private static Pattern pattern(String text) {
    return Pattern.compile(text, Pattern.CASE_INSENSITIVE);
  }

  /** The parameters of a header's value, each once; only file names may be encoded. */
  record Parameters(Map<String, String> all) {
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
      Matcher next = PARAMETER.matcher(value);
      while (next.region(at, value.length()).lookingAt()) {
        String name = next.group(1).toLowerCase(Locale.ROOT);
        String text = next.group(next.group(2) != null ? 2 : 3);
        if ((name.contains("*")
                && !(name.equals("filename*") && ENCODED_NAME.matcher(text).matches()))
            || all.put(name, text) != null) {
          throw MultipartHead.malformed(
              "A header of the body has a parameter that cannot be read.");
        }
        at = next.end();
      }
      return END.matcher(value).region(at, value.length()).matches() ? new Parameters(all) : null;
    }
  }

  /**
   * @param headers of the part, a character a byte
   */
  static MultipartPart read(String headers) {
    if (!Utf8.isWellFormedLatin1(headers)) {
      throw MultipartHead.malformed("A part of the body has a header that is not UTF-8.");
    }
    String disposition = null;
    String type = "";
    for (String line : headers.split("\r\n", -1)) {
      Matcher header = HEADER.matcher(line);
      if (!header.matches()) {
        throw MultipartHead.malformed("A part of the body has a header that cannot be read.");
      }
      switch (header.group(1).toLowerCase(Locale.ROOT)) {
        case "content-disposition" -> {
          if (disposition != null) {
            throw MultipartHead.malformed("A part of the body has two names.");
          }
          disposition = header.group(2);
        }
        case "content-type" -> type = header.group(2).strip();
        case "content-transfer-encoding", "content-encoding" -> {
          if (!AS_IT_IS.contains(header.group(2).strip().toLowerCase(Locale.ROOT))) {
            throw MultipartHead.malformed(
                "Send the parts of the body as they are, without an encoding.");
          }
        }
        default -> {
          // Says nothing that anybody would read in another way; it is not passed on.
        }
      }
    }
    Parameters parameters = disposition == null ? null : Parameters.read(disposition, FORM);
    if (parameters == null || !NAME.matcher(parameters.all.getOrDefault("name", "")).matches()) {
      throw MultipartHead.malformed(
          "A part of the body has no name of letters, digits, dots, dashes and brackets.");
    }
    String fileName = parameters.all.getOrDefault("filename", "");
    // A part without a file's name is a field to the gateway.
    boolean isFile = parameters.all.containsKey("filename*") || !fileName.isEmpty();
    return new MultipartPart(
        parameters.all.get("name"),
        isFile,
        FILE_NAME.matcher(fileName).matches() ? fileName : "file" + ending(fileName),
        MEDIA_TYPE.matcher(type).matches() ? type : ANY_BYTES);
  }

  /** What tells programs a file's kind. */
  private static String ending(String fileName) {
    int dot = fileName.lastIndexOf('.');
    String ending = dot < 0 ? "" : fileName.substring(dot);
    return ending.matches("\\.[A-Za-z0-9]{1,8}") ? ending : "";
  }
}
