package io.naap.clearinghouse.signer.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a job needs of an orchestrator, as far as it has a price: the models of each capability
 * (go-livepeer, net/lp_rpc.proto, {@code Capabilities.constraints.PerCapability}).
 */
public final class Capabilities {
  private static final int CONSTRAINTS = 5 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int PER_CAPABILITY = 2 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int MODELS = 1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int KEY_NUMBER = 1 << 3 | WireFormat.WIRETYPE_VARINT;
  private static final int KEY_TEXT = 1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int VALUE = 2 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  /** The numbers of core/capabilities.go; those before have no models. */
  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(27, "text-to-image"),
          Map.entry(28, "image-to-image"),
          Map.entry(29, "image-to-video"),
          Map.entry(30, "upscale"),
          Map.entry(31, "audio-to-text"),
          Map.entry(32, "segment-anything-2"),
          Map.entry(33, "llm"),
          Map.entry(34, "image-to-text"),
          Map.entry(35, "live-video-to-video"),
          Map.entry(36, "text-to-speech"),
          Map.entry(37, "byoc"));

  private Capabilities() {}

  /** A model of a capability; the capability by its name, or its number where it has none. */
  public record Model(String capability, String id) {}

  /**
   * Reads the models a job asks for.
   *
   * @throws IOException when the bytes are not such a message
   */
  public static List<Model> models(ByteString capabilities) throws IOException {
    List<Model> models = new ArrayList<>();
    for (ByteString constraints : fields(capabilities, CONSTRAINTS)) {
      for (ByteString entry : fields(constraints, PER_CAPABILITY)) {
        String capability = name(number(entry));
        for (ByteString value : fields(entry, VALUE)) {
          for (ByteString model : fields(value, MODELS)) {
            List<ByteString> keys = fields(model, KEY_TEXT);
            String id = keys.isEmpty() ? "" : keys.getLast().toStringUtf8();
            models.add(new Model(capability, id));
          }
        }
      }
    }
    return models;
  }

  private static String name(int number) {
    return NAMES.getOrDefault(number, Integer.toString(number));
  }

  private static List<ByteString> fields(ByteString message, int wanted) throws IOException {
    List<ByteString> found = new ArrayList<>();
    CodedInputStream in = message.newCodedInput();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == wanted) {
        found.add(in.readBytes());
      } else {
        Messages.skip(in, tag);
      }
    }
    return found;
  }

  private static int number(ByteString entry) throws IOException {
    int number = 0;
    CodedInputStream in = entry.newCodedInput();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == KEY_NUMBER) {
        number = in.readUInt32();
      } else {
        Messages.skip(in, tag);
      }
    }
    return number;
  }
}
