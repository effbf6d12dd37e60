package io.naap.deploy.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * {@code ./naap audit}: checks an export of the whole audit log, from a file or from the running
 * platform. It shares no code with auth-service, so that one mistake cannot hide the other.
 */
final class AuditCheck {
  private static final String NONE = "0".repeat(64);

  private final PrintStream out;
  private final ObjectMapper json = new ObjectMapper();

  AuditCheck(PrintStream out) {
    this.out = out;
  }

  /**
   * Checks entries, oldest first, one JSON object a line.
   *
   * @param expectedHead the last entry's hash as it was noted before, empty when it was not: only
   *     this shows that entries were taken away from the end
   * @return the exit status: 0 when nothing is wrong
   */
  int run(Reader entries, String expectedHead) throws IOException {
    long seq = 0;
    String head = NONE;
    boolean passed = expectedHead.isEmpty() || expectedHead.equals(NONE);
    try (BufferedReader lines = new BufferedReader(entries)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode entry = json.readTree(line);
        long number = entry.path("seq").asLong();
        if (number != seq + 1) {
          return wrong(
              "entry %d follows entry %d: something was removed or moved".formatted(number, seq));
        }
        if (!entry.path("previous").asText().equals(head)) {
          return wrong("entry %d does not hold the hash of the entry before it".formatted(number));
        }
        if (!entry.path("hash").asText().equals(digest(entry))) {
          return wrong("entry %d was altered".formatted(number));
        }
        seq = number;
        head = entry.path("hash").asText();
        passed |= head.equals(expectedHead);
      }
    }
    if (!passed) {
      return wrong(
          "no entry has the hash %s: something was removed from the end".formatted(expectedHead));
    }
    out.printf("%d entries hold together%nhead %s%n", seq, head);
    return 0;
  }

  private int wrong(String what) {
    out.println(what);
    return 1;
  }

  private static String digest(JsonNode entry) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      part(sha, "naap-audit-1");
      part(sha, entry.path("seq").asText());
      for (String name :
          List.of(
              "at",
              "actor",
              "tenant_id",
              "action",
              "object",
              "address",
              "request_id",
              "details",
              "previous")) {
        part(sha, entry.path(name).asText(""));
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static void part(MessageDigest sha, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    sha.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
    sha.update(bytes);
  }
}
