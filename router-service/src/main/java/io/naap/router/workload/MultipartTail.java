package io.naap.router.workload;

import io.naap.contracts.problem.Refusal;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Watches a form's file go by, and reads what comes after it: more fields, and the end. Fields that
 * jobs are measured by may not come there, nor what Go could read in another way. What comes after
 * the file is passed on when all of it is there: a gateway begins its job at the form's end, though
 * the request has not ended, and a client could leave then without paying.
 */
final class MultipartTail implements BodyCheck {
  private static final int MOST_BYTES = 65_536;

  /** What a job is sent to and measured by. */
  private static final Set<String> MEASURED =
      Set.of("model_id", "width", "height", "num_images_per_prompt");

  private final String boundary;
  private final byte[] delimiter;
  private final Map<String, String> fields;

  /** The last bytes of the file that could begin the delimiter; then all that follows the file. */
  private Buffer kept = Buffer.buffer();

  private boolean inTail;
  private final Buffer first;

  /**
   * @param head the form's beginning, and what of the file came with it
   */
  MultipartTail(MultipartHead head) {
    this.boundary = head.boundary();
    this.delimiter = MultipartHead.ascii("\r\n--" + boundary);
    this.fields = new LinkedHashMap<>(head.fields());
    this.first = see(head.file());
  }

  /** What may be passed on of what came with the form's beginning. */
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
