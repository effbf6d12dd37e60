package io.naap.deploy.simulator;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Protobuf without a schema: a message is its fields by number. The field numbers are those of
 * go-livepeer's {@code net/lp_rpc.proto}.
 */
final class Wire {
  private Wire() {}

  /** A message being written. Zero numbers and empty bytes are left out, as proto3 does. */
  static final class Writer {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

    Writer number(int field, long value) {
      if (value != 0) {
        write(() -> out.writeInt64(field, value));
      }
      return this;
    }

    Writer bytes(int field, byte[] value) {
      if (value.length != 0) {
        write(() -> out.writeByteArray(field, value));
      }
      return this;
    }

    Writer text(int field, String value) {
      if (!value.isEmpty()) {
        write(() -> out.writeString(field, value));
      }
      return this;
    }

    /** A message is written even when it is empty. */
    Writer message(int field, byte[] value) {
      write(() -> out.writeByteArray(field, value));
      return this;
    }

    byte[] done() {
      write(out::flush);
      return bytes.toByteArray();
    }

    private static void write(Step step) {
      try {
        step.run();
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
    }

    private interface Step {
      void run() throws IOException;
    }
  }

  /** A message that was read: length-delimited fields as bytes, the others as numbers. */
  record Message(Map<Integer, List<Object>> fields) {
    boolean has(int field) {
      return fields.containsKey(field);
    }

    byte[] bytes(int field) {
      Object value = last(field);
      return value instanceof byte[] bytes ? bytes : new byte[0];
    }

    long number(int field) {
      Object value = last(field);
      return value instanceof Long number ? number : 0;
    }

    BigInteger integer(int field) {
      return new BigInteger(1, bytes(field));
    }

    Message message(int field) {
      return read(bytes(field));
    }

    List<Message> messages(int field) {
      return fields.getOrDefault(field, List.of()).stream()
          .map(value -> read((byte[]) value))
          .toList();
    }

    private Object last(int field) {
      List<Object> values = fields.get(field);
      return values == null ? null : values.get(values.size() - 1);
    }
  }

  /**
   * Reads a message.
   *
   * @throws IllegalArgumentException when the bytes are not one
   */
  static Message read(byte[] bytes) {
    Map<Integer, List<Object>> fields = new TreeMap<>();
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        Object value =
            switch (WireFormat.getTagWireType(tag)) {
              case WireFormat.WIRETYPE_VARINT -> in.readInt64();
              case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
                ByteString read = in.readBytes();
                yield read.toByteArray();
              }
              case WireFormat.WIRETYPE_FIXED64 -> in.readFixed64();
              case WireFormat.WIRETYPE_FIXED32 -> (long) in.readFixed32();
              default -> throw new IllegalArgumentException("groups are not used");
            };
        fields
            .computeIfAbsent(WireFormat.getTagFieldNumber(tag), number -> new ArrayList<>())
            .add(value);
      }
      return new Message(fields);
    } catch (IOException unreadable) {
      throw new IllegalArgumentException("not protobuf", unreadable);
    }
  }

  /** An unsigned integer in as few bytes as it needs; zero in none. */
  static byte[] minimal(BigInteger value) {
    byte[] bytes = value.toByteArray();
    int from = 0;
    while (from < bytes.length && bytes[from] == 0) {
      from++;
    }
    byte[] trimmed = new byte[bytes.length - from];
    System.arraycopy(bytes, from, trimmed, 0, trimmed.length);
    return trimmed;
  }

  /** An unsigned integer as a 32-byte word. */
  static byte[] word(BigInteger value) {
    byte[] minimal = minimal(value);
    byte[] word = new byte[32];
    System.arraycopy(minimal, 0, word, 32 - minimal.length, minimal.length);
    return word;
  }
}
