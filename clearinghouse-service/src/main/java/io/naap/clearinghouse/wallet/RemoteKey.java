package io.naap.clearinghouse.wallet;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import fr.acinq.secp256k1.Secp256k1;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A key in a Web3Signer, or what speaks its {@code eth1} API: {@code POST /api/v1/eth1/sign/<public
 * key>} with {@code {"data":"0x.."}} answers {@code 0x} and 65 bytes over the Keccak hash of the
 * data. Every signature is checked: one of another key is refused, and a high S is made low.
 */
final class RemoteKey implements SigningKey {
  private static final int SIGNATURE = 65;
  private static final BigInteger ORDER =
      new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
  private static final BigInteger HALF_ORDER = ORDER.shiftRight(1);

  private final HttpClient client;
  private final URI url;
  private final Duration timeout;
  private final Optional<String> token;
  private final byte[] publicKey;

  RemoteKey(URI server, String publicKey, Optional<String> token, Duration timeout) {
    String hex = publicKey.startsWith("0x") ? publicKey.substring(2) : publicKey;
    if (!hex.matches("[0-9a-fA-F]{128}")) {
      throw new IllegalStateException(
          "naap.clearinghouse.wallet.remote-key must be an uncompressed public key, 0x and 128 hex"
              + " digits");
    }
    this.publicKey = HexFormat.of().parseHex("04" + hex);
    this.url = server.resolve("/api/v1/eth1/sign/0x" + hex);
    this.token = token;
    this.timeout = timeout;
    this.client = HttpClient.newBuilder().connectTimeout(timeout).build();
  }

  @Override
  public Address address() {
    return Address.ofPublicKey(publicKey);
  }

  @Override
  public byte[] sign(byte[] payload) {
    byte[] signature = canonical(ask(payload));
    byte[] recovered =
        Secp256k1.get()
            .ecdsaRecover(
                Arrays.copyOf(signature, 64), Keccak.hash(payload), signature[SIGNATURE - 1] - 27);
    if (!Arrays.equals(recovered, publicKey)) {
      throw new IllegalStateException("the remote signer signed with another key");
    }
    return signature;
  }

  private byte[] ask(byte[] payload) {
    String body =
        JsonNodeFactory.instance
            .objectNode()
            .put("data", "0x" + HexFormat.of().formatHex(payload))
            .toString();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
    try {
      HttpResponse<String> answer =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      String hex = answer.body().strip().replace("\"", "");
      if (answer.statusCode() != 200 || !hex.matches("0x[0-9a-fA-F]{130}")) {
        throw new IllegalStateException("the remote signer answered " + answer.statusCode());
      }
      return HexFormat.of().parseHex(hex.substring(2));
    } catch (IOException away) {
      throw new IllegalStateException("the remote signer is away", away);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("stopped while signing", stopped);
    }
  }

  /** Low S and v 27 or 28, whatever the other side prefers. */
  private static byte[] canonical(byte[] given) {
    byte[] signature = given.clone();
    int recovery = signature[SIGNATURE - 1];
    recovery = recovery >= 27 ? recovery - 27 : recovery;
    if (recovery < 0 || recovery > 1) {
      throw new IllegalStateException("the remote signer's v is neither 27 nor 28");
    }
    BigInteger s = new BigInteger(1, signature, 32, 32);
    if (s.compareTo(HALF_ORDER) > 0) {
      byte[] low = ORDER.subtract(s).toByteArray();
      Arrays.fill(signature, 32, 64, (byte) 0);
      int length = Math.min(32, low.length);
      System.arraycopy(low, low.length - length, signature, 64 - length, length);
      recovery = 1 - recovery;
    }
    signature[SIGNATURE - 1] = (byte) (27 + recovery);
    return signature;
  }
}
