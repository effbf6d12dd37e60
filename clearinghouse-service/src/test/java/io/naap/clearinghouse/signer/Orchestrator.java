package io.naap.clearinghouse.signer;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;

/** What an orchestrator says, to be bent. */
public final class Orchestrator {
  /** A little above 10^12 wei a ticket, two of which pay the first minute at 1200 wei. */
  public static final BigInteger FACE_VALUE = new BigInteger("20000000000000000");

  public static final BigInteger WIN_PROB =
      new BigInteger("5789604461865809771178549250434395392663499233282028201972880000000000000");

  public byte[] address = random(20);
  public byte[] recipient = address;
  public byte[] randHash = random(32);
  public BigInteger faceValue = FACE_VALUE;
  public BigInteger winProb = WIN_PROB;
  public long expirationBlock = SignerParts.L1_BLOCK + 40;
  public long price = 1200;
  public long tokenExpiration = Instant.now().getEpochSecond() + 1800;
  public boolean token = true;

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  public String info() {
    ByteString params =
        message(
            out -> {
              out.writeByteArray(1, recipient);
              out.writeByteArray(2, minimal(faceValue));
              out.writeByteArray(3, minimal(winProb));
              out.writeByteArray(4, randHash);
              out.writeByteArray(5, new byte[] {1, 2, 3});
              out.writeByteArray(6, minimal(BigInteger.valueOf(expirationBlock)));
            });
    ByteString info =
        message(
            out -> {
              out.writeString(1, "https://orch.example:8935");
              out.writeBytes(2, params);
              out.writeBytes(
                  3,
                  message(
                      priceInfo -> {
                        priceInfo.writeInt64(1, price);
                        priceInfo.writeInt64(2, 1);
                      }));
              out.writeByteArray(4, address);
              if (token) {
                out.writeBytes(6, message(auth -> auth.writeInt64(3, tokenExpiration)));
              }
            });
    return Base64.getEncoder().encodeToString(info.toByteArray());
  }

  public String first() {
    return "{\"orchestrator\":\"%s\",\"type\":\"lv2v\",\"state\":{\"State\":null,\"Sig\":null}}"
        .formatted(info());
  }

  /** A payment of so many pixels, outside any job type. */
  public String pixels(long pixels) {
    return "{\"orchestrator\":\"%s\",\"inPixels\":%d}".formatted(info(), pixels);
  }

  /** The next one of a session. */
  public String pixels(long pixels, JsonPath before) {
    return "{\"orchestrator\":\"%s\",\"inPixels\":%d,\"ManifestID\":\"m\",\"state\":{\"State\":\"%s\",\"Sig\":\"%s\"}}"
        .formatted(info(), pixels, before.getString("state.State"), before.getString("state.Sig"));
  }

  public String hex() {
    return "0x" + java.util.HexFormat.of().formatHex(address);
  }

  public String next(JsonPath before) {
    return "{\"orchestrator\":\"%s\",\"TYPE\":\"lv2v\",\"manifestid\":\"m\",\"state\":{\"state\":\"%s\",\"SIG\":\"%s\"}}"
        .formatted(info(), before.getString("state.State"), before.getString("state.Sig"));
  }

  private static byte[] minimal(BigInteger value) {
    byte[] bytes = value.toByteArray();
    return bytes[0] == 0 ? java.util.Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
  }

  private interface Body {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private static ByteString message(Body body) {
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
}
