package io.naap.keys.leak;

import com.sun.net.httpserver.HttpServer;
import io.naap.contracts.json.Json;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A stand-in for GitHub that publishes keys and signs reports with one of them. */
public class GitHub implements QuarkusTestResourceLifecycleManager {
  static final String ID = "published-1";
  static final String WEAK_ID = "of-another-curve";
  static final AtomicInteger ASKED = new AtomicInteger();

  private static final KeyPair KEYS = keys("secp256r1");
  private static final KeyPair STRANGER = keys("secp256r1");

  /** The public key of the example in GitHub's documentation of the program. */
  private static final String EXAMPLE =
      """
      -----BEGIN PUBLIC KEY-----
      MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9MJJHnMfn2+H4xL4YaPDA4RpJqUq
      kCmRCBnYERxZanmcpzQSXs1X/AljlKkbJ8qpVIW4clayyef9gWhFbNHWAA==
      -----END PUBLIC KEY-----
      """;

  private HttpServer server;

  static String sign(String body) {
    return sign(KEYS, body);
  }

  static String signAsStranger(String body) {
    return sign(STRANGER, body);
  }

  @Override
  public Map<String, String> start() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    server.createContext(
        "/keys",
        exchange -> {
          ASKED.incrementAndGet();
          byte[] body =
              Json.write(
                      Map.of(
                          "public_keys",
                          List.of(
                              Map.of("key_identifier", ID, "key", pem(KEYS), "is_current", true),
                              Map.of("key_identifier", WEAK_ID, "key", pem(keys("secp384r1"))))))
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return Map.of(
        "naap.leaks.github-keys-url",
        "http://127.0.0.1:" + server.getAddress().getPort() + "/keys",
        "naap.leaks.github-keys.90a421169f0a406205f1563a953312f0be898d3c7b6c06b681aa86a874555f4a",
        EXAMPLE);
  }

  @Override
  public void stop() {
    server.stop(0);
  }

  private static String pem(KeyPair keys) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(keys.getPublic().getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  private static String sign(KeyPair keys, String body) {
    try {
      Signature signer = Signature.getInstance("SHA256withECDSA");
      signer.initSign(keys.getPrivate());
      signer.update(body.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(signer.sign());
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static KeyPair keys(String curve) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(curve));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
