package io.naap.contracts.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads the operations of a service from its committed {@code openapi.yaml}. */
public final class Operations {
  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "patch", "delete", "head", "options");

  private Operations() {}

  /**
   * An operation of a service.
   *
   * @param path with parameters in braces
   * @param id the operation's name
   * @param contentType the media type of its body; empty when it has none
   */
  public record Operation(String method, String path, String id, String contentType) {
    /** The path with the same value for every parameter. */
    public String at(String parameter) {
      return path.replaceAll("\\{[^}]+}", parameter);
    }
  }

  public static List<Operation> of(Path openapi) {
    try {
      JsonNode paths = new YAMLMapper().readTree(Files.readString(openapi)).path("paths");
      List<Operation> operations = new ArrayList<>();
      for (Map.Entry<String, JsonNode> path : paths.properties()) {
        for (Map.Entry<String, JsonNode> member : path.getValue().properties()) {
          if (METHODS.contains(member.getKey())) {
            JsonNode operation = member.getValue();
            Iterator<String> types = operation.path("requestBody").path("content").fieldNames();
            operations.add(
                new Operation(
                    member.getKey().toUpperCase(Locale.ROOT),
                    path.getKey(),
                    operation.path("operationId").asText(),
                    types.hasNext() ? types.next() : ""));
          }
        }
      }
      return operations;
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /**
   * Compares the OpenAPI document that a service serves with the committed file. With {@code
   * NAAP_WRITE_OPENAPI=1} in the environment it writes the file instead.
   *
   * @return an empty text when they are equal, else what to do
   */
  public static String difference(Path openapi, String served) {
    try {
      if ("1".equals(System.getenv("NAAP_WRITE_OPENAPI"))) {
        Files.writeString(openapi, served);
        return "";
      }
      return Files.exists(openapi) && Files.readString(openapi).equals(served)
          ? ""
          : openapi
              + " is not what the code serves: run the test with NAAP_WRITE_OPENAPI=1, read the diff, commit it";
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
