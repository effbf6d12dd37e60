package io.naap.contracts.problem;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.util.stream.Collectors;

/**
 * Describes errors in a JSON body for the client that sent it. Jackson's own messages name our
 * classes, so they are not passed on.
 */
public final class UnreadableJson {
  private UnreadableJson() {}

  /**
   * True when the body is not JSON; false when it is JSON that does not match the expected type.
   */
  public static boolean isMalformed(JacksonException unreadable) {
    return unreadable instanceof JsonParseException
        || unreadable instanceof StreamConstraintsException;
  }

  /** Says what to change, without naming classes, methods or exceptions. */
  public static String whatToChange(JacksonException unreadable) {
    return switch (unreadable) {
      case StreamConstraintsException tooMuch ->
          "The body is nested too deeply, or a name, number or text in it is too long.";
      case JsonParseException malformed -> "The body is not valid JSON" + at(malformed) + ".";
      case UnrecognizedPropertyException unknown ->
          "Remove the unknown field \"" + unknown.getPropertyName() + "\".";
      case JsonMappingException misfit -> misfit(misfit);
      default -> "The body cannot be read.";
    };
  }

  private static String at(JsonParseException malformed) {
    JsonLocation location = malformed.getLocation();
    return location == null || location.getLineNr() < 1
        ? ""
        : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
  }

  private static String misfit(JsonMappingException misfit) {
    String where =
        misfit.getPath().stream()
            .map(
                step ->
                    step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
            .collect(Collectors.joining("."));
    String why = "the value has the wrong type, or one that it needs is missing";
    for (Throwable cause = misfit.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidInput invalid) {
        why = invalid.getMessage();
        break;
      }
    }
    return where.isEmpty() ? "The body is invalid: " + why : "Field \"" + where + "\": " + why;
  }
}
