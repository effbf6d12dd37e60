package io.naap.clearinghouse.wallet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.naap.contracts.secret.Secret;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.web3j.crypto.ECKeyPair;
import org.web3j.crypto.Hash;
import org.web3j.crypto.Sign;

/** A key in a Web3Signer, which is played by web3j behind HTTP. */
class RemoteKeyTest {
  private static final BigInteger ORDER =
      new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
  private static final byte[] MESSAGE = "a ticket".getBytes(StandardCharsets.US_ASCII);

  private final ECKeyPair pair = ECKeyPair.create(BigInteger.valueOf(4_711));
  private HttpServer server;
  private volatile UnaryOperator<byte[]> bend = signature -> signature;
  private volatile int status = 200;
  private volatile String authorization;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/api/v1/eth1/sign/0x" + publicKey(),
        exchange -> {
          authorization = exchange.getRequestHeaders().getFirst("Authorization");
          String data =
              new ObjectMapper().readTree(exchange.getRequestBody()).path("data").asText();
          Sign.SignatureData signed =
              Sign.signMessage(Hash.sha3(HexFormat.of().parseHex(data.substring(2))), pair, false);
          byte[] all = Arrays.copyOf(signed.getR(), 65);
          System.arraycopy(signed.getS(), 0, all, 32, 32);
          all[64] = signed.getV()[0];
          byte[] answer =
              ("0x" + HexFormat.of().formatHex(bend.apply(all)))
                  .getBytes(StandardCharsets.US_ASCII);
          exchange.sendResponseHeaders(status, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void signsAsTheKeyItselfWouldAndShowsItsToken() {
    ByteString signature = wallet().sign(MESSAGE);

    assertThat(Wallet.signer(MESSAGE, signature)).contains(wallet().address());
    assertThat(authorization).isEqualTo("Bearer remote-token-0123456789");
    assertThat(wallet().sign(MESSAGE)).isEqualTo(signature);
  }

  @Test
  void takesHighSAndSmallVAndHandsOutTheOneCanonicalForm() {
    ByteString right = wallet().sign(MESSAGE);
    bend =
        signature -> {
          byte[] high = ORDER.subtract(new BigInteger(1, signature, 32, 32)).toByteArray();
          byte[] bent = signature.clone();
          System.arraycopy(high, high.length - 32, bent, 32, 32);
          bent[64] = (byte) (28 - signature[64]);
          return bent;
        };

    assertThat(wallet().sign(MESSAGE)).isEqualTo(right);
  }

  @Test
  void anotherKeysSignatureOrNoneIsNeverHandedOut() {
    bend =
        signature -> {
          byte[] other = signature.clone();
          other[5] ^= 1;
          return other;
        };
    assertThatThrownBy(() -> wallet().sign(MESSAGE)).isInstanceOf(RuntimeException.class);
    bend = signature -> Arrays.copyOf(signature, 64);
    assertThatThrownBy(() -> wallet().sign(MESSAGE)).hasMessageContaining("answered");
    bend = signature -> signature;
    status = 500;
    assertThatThrownBy(() -> wallet().sign(MESSAGE)).hasMessageContaining("answered 500");
    server.stop(0);
    assertThatThrownBy(() -> wallet().sign(MESSAGE)).hasMessageContaining("away");
  }

  @Test
  void aKeyInPlainTextNeedsToBeMeant() {
    String key = "0".repeat(60) + "1267";
    assertThatThrownBy(
            () -> Wallet.configured(new Settings(Optional.empty(), Optional.of(key), false)))
        .hasMessageContaining("naap.clearinghouse.wallet.allow-development-key")
        .hasMessageNotContaining(key);
    assertThat(Wallet.configured(new Settings(Optional.empty(), Optional.of(key), true)))
        .hasValueSatisfying(one -> assertThat(one.address()).isEqualTo(wallet().address()));
    assertThatThrownBy(
            () ->
                Wallet.configured(
                    new Settings(Optional.of(URI.create("http://x")), Optional.of(key), true)))
        .hasMessageContaining("needs one of");
  }

  private Wallet wallet() {
    return Wallet.configured(
            new Settings(
                Optional.of(URI.create("http://127.0.0.1:" + server.getAddress().getPort())),
                Optional.empty(),
                false))
        .orElseThrow();
  }

  private String publicKey() {
    return "%0128x".formatted(pair.getPublicKey());
  }

  private final class Settings implements WalletConfig {
    private final Optional<URI> url;
    private final Optional<String> development;
    private final boolean meant;

    private Settings(Optional<URI> url, Optional<String> development, boolean meant) {
      this.url = url;
      this.development = development;
      this.meant = meant;
    }

    @Override
    public Optional<Path> keystore() {
      return Optional.empty();
    }

    @Override
    public Optional<Path> passwordFile() {
      return Optional.empty();
    }

    @Override
    public Optional<URI> remoteUrl() {
      return url;
    }

    @Override
    public Optional<String> remoteKey() {
      return Optional.of("0x" + publicKey());
    }

    @Override
    public Optional<Secret> remoteToken() {
      return Optional.of(Secret.of("remote-token-0123456789"));
    }

    @Override
    public Duration remoteTimeout() {
      return Duration.ofSeconds(5);
    }

    @Override
    public Optional<Secret> developmentKey() {
      return development.map(Secret::of);
    }

    @Override
    public boolean allowDevelopmentKey() {
      return meant;
    }
  }
}
