package io.naap.router.workload;

import io.naap.contracts.problem.Refusal;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Watches the file of a form pass, and reads what comes after it: more fields, and the end. Fields
 * that jobs are billed by are refused there, and so is what Go could read in another way. What
 * comes after the file is held back until all of it is there: a gateway starts its job at the
 * form's end, before the request ends, so a client could leave then without paying.
 */
final class MultipartTail implements BodyCheck {
  private static final int MOST_BYTES = 65_536;

  /** Fields that decide what a job is, or what it costs. */
  private static final Set<String> MEASURED =
      Set.of("model_id", "width", "height", "num_images_per_prompt");

  private final String boundary;
  private final byte[] delimiter;
  private final Map<String, String> fields;

  /**
   * Bytes held back: the file's last ones, which could begin the delimiter; then all that follows
   * the file.
   */
  private Buffer kept = Buffer.buffer();

  private boolean inTail;
  private final Buffer first;

  /**
   * @param head the form's beginning, with the first bytes of its file
   */
  MultipartTail(MultipartHead head) {
    this.boundary = head.boundary();
    this.delimiter = MultipartHead.ascii("\r\n--" + boundary);
    this.fields = new LinkedHashMap<>(head.fields());
    this.first = see(head.file());
  }

  /** The first bytes of the file that may go to the gateway. */
  Buffer first() {
    return first;
  }

  @Override
  public Buffer see(Buffer bytes) {
    if (inTail) {
      keep(bytes);
      return Buffer.buffer();
    }
    Buffer seen =
        kept.length() == 0 ? bytes : Buffer.buffer().appendBuffer(kept).appendBuffer(bytes);
    int at = MultipartHead.indexOf(seen, delimiter, 0, seen.length());
    if (at >= 0) {
      inTail = true;
      kept = Buffer.buffer();
      keep(seen.getBuffer(at, seen.length()));
      return seen.getBuffer(0, at);
    }
    int passed = Math.max(0, seen.length() - delimiter.length + 1);
    kept = seen.getBuffer(passed, seen.length());
    return seen.getBuffer(0, passed);
  }

  private void keep(Buffer bytes) {
    if (kept.length() + bytes.length() > MOST_BYTES) {
      throw Refusal.invalid("What comes after the form's file may have " + MOST_BYTES + " bytes.")
          .raise();
    }
    kept.appendBuffer(bytes);
  }

  @Override
  public Buffer end() {
    if (!inTail) {
      throw MultipartHead.malformed("The body does not end.");
    }
    Set<String> before = Set.copyOf(fields.keySet());
    MultipartHead.readTail(boundary, kept, fields);
    for (String name : MEASURED) {
      if (fields.containsKey(name) && !before.contains(name)) {
        throw Refusal.invalid("Send the field \"" + name + "\" before the form's file.").raise();
      }
    }
    return kept;
  }
}
