package io.naap.clearinghouse.signer.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What all messages share. */
final class Messages {
  private Messages() {}

  static void skip(CodedInputStream in, int tag) throws IOException {
    if (!in.skipField(tag)) {
      throw new IOException("unexpected end of a group");
    }
  }

  /** A message field that comes twice is merged, which for bytes is to join them. */
  static ByteString merge(ByteString before, ByteString next) {
    return before == null ? next : before.concat(next);
  }

  /** Writes fields. */
  interface Body {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  static ByteString write(Body body) {
    ByteString.Output bytes = ByteString.newOutput();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      body.writeTo(out);
      out.flush();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteString();
  }

  static void bytes(CodedOutputStream out, int field, ByteString value) throws IOException {
    if (!value.isEmpty()) {
      out.writeBytes(field, value);
    }
  }
}
