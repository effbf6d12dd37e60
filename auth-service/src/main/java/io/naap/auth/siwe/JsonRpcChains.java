package io.naap.auth.siwe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.naap.contracts.secret.Secret;
import io.quarkus.runtime.Startup;
import io.smallrye.faulttolerance.api.Guard;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

/**
 * Calls chains through the JSON-RPC endpoints of the configuration; a URL never comes from a user.
 * Each endpoint has a guard of SmallRye Fault Tolerance: a timeout, a retry with jitter for calls
 * that got no answer, a circuit breaker and a bulkhead. Limits the gas and response size of a call;
 * follows no redirects. Blocks; call it on a virtual thread. Endpoint URLs are secret, because they
 * contain providers' API keys.
 */
@ApplicationScoped
@Startup
final class JsonRpcChains implements Chains {
  private static final int ANSWER_BYTES = 64 * 1024;
  private static final String PROPERTY = "naap.auth.siwe.rpc.";
  private static final Pattern DATA = Pattern.compile("0x(?:[0-9a-fA-F]{2})*");
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final double MOST_FAILED = 0.75;
  private static final int MOST_WAITING = 4_096;

  private final Map<Long, Endpoint> endpoints;
  private final HttpClient client;
  private final String gas;

  JsonRpcChains(Vertx vertx, SiweConfig config) {
    this.endpoints = endpoints(config);
    this.gas = "0x" + Long.toHexString(config.rpcGas());
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout((int) config.rpcTimeout().toMillis())
                .setMaxPoolSize(config.rpcCalls())
                .setMaxWaitQueueSize(config.rpcCalls())
                .setDecompressionSupported(false));
  }

  @PreDestroy
  void close() {
    client.close();
  }

  private record Endpoint(URI uri, Guard guard) {}

  private static Map<Long, Endpoint> endpoints(SiweConfig config) {
    Map<Long, Endpoint> endpoints = new TreeMap<>();
    config
        .rpc()
        .forEach(
            (chainId, url) -> {
              if (!config.chainIds().contains(chainId)) {
                throw new IllegalStateException(
                    PROPERTY
                        + chainId
                        + " is of a chain that naap.auth.siwe.chain-ids does not list");
              }
              endpoints.put(chainId, new Endpoint(uri(chainId, url), guard(chainId, config)));
            });
    return endpoints;
  }

  private static Guard guard(long chainId, SiweConfig config) {
    return Guard.create()
        .withDescription("chain " + chainId)
        .withTimeout()
        .duration(config.rpcTimeout().toMillis(), ChronoUnit.MILLIS)
        .done()
        .withRetry()
        .maxRetries(config.rpcRetries())
        .delay(config.rpcRetryDelay().toMillis(), ChronoUnit.MILLIS)
        .jitter(config.rpcRetryJitter().toMillis(), ChronoUnit.MILLIS)
        .abortOn(List.of(Unusable.class, InterruptedException.class))
        .done()
        .withCircuitBreaker()
        .requestVolumeThreshold(config.rpcBreakerCalls())
        .failureRatio(MOST_FAILED)
        .delay(config.rpcBreakerDelay().toMillis(), ChronoUnit.MILLIS)
        .skipOn(List.of(Unusable.class, InterruptedException.class))
        .done()
        .withBulkhead()
        .limit(config.rpcCalls())
        .queueSize(MOST_WAITING)
        .enableSynchronousQueueing()
        .done()
        .build();
  }

  private static URI uri(long chainId, Secret url) {
    try {
      URI uri = new URI(url.reveal());
      if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getRawUserInfo() == null) {
        return uri;
      }
    } catch (URISyntaxException notAUri) {
      // The exception is dropped, because its message contains the URL and with it the provider's
      // API key.
    }
    throw new IllegalStateException(
        PROPERTY + chainId + " must be an http or https URL without user information");
  }

  @Override
  public boolean knows(long chainId) {
    return endpoints.containsKey(chainId);
  }

  @Override
  public byte[] code(long chainId, String address) throws UnavailableException {
    String said = ask(chainId, "eth_chainId", JSON.createArrayNode());
    if (!said.equals("0x" + Long.toHexString(chainId))) {
      throw new UnavailableException("the endpoint is of another chain");
    }
    return bytes(ask(chainId, "eth_getCode", JSON.createArrayNode().add(address).add("latest")));
  }

  @Override
  public byte[] create(long chainId, byte[] initCode) throws UnavailableException {
    ArrayNode parameters = JSON.createArrayNode();
    parameters.addObject().put("data", "0x" + HexFormat.of().formatHex(initCode)).put("gas", gas);
    return bytes(ask(chainId, "eth_call", parameters.add("latest")));
  }

  private static byte[] bytes(String data) throws UnavailableException {
    if (!DATA.matcher(data).matches()) {
      throw new UnavailableException("the answer is not data");
    }
    return HexFormat.of().parseHex(data, 2, data.length());
  }

  private String ask(long chainId, String method, ArrayNode parameters)
      throws UnavailableException {
    Buffer body =
        Buffer.buffer(
            JSON.createObjectNode()
                .put("jsonrpc", "2.0")
                .put("id", 1)
                .put("method", method)
                .<com.fasterxml.jackson.databind.node.ObjectNode>set("params", parameters)
                .toString());
    JsonNode answer = read(send(chainId, body));
    JsonNode result = answer.path("result");
    if (answer.hasNonNull("error") || !result.isTextual() || answer.path("id").asInt() != 1) {
      // Only the code is used, because the message may repeat what was sent.
      throw new UnavailableException(
          method + " came to error " + answer.path("error").path("code").asInt());
    }
    return result.asText();
  }

  private static JsonNode read(Buffer body) throws UnavailableException {
    try {
      return JSON.readTree(body.getBytes());
    } catch (JsonProcessingException garbage) {
      throw new UnavailableException("the answer is not JSON");
    } catch (java.io.IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private Buffer send(long chainId, Buffer body) throws UnavailableException {
    Endpoint endpoint = endpoints.get(chainId);
    try {
      return endpoint.guard.call(() -> exchange(endpoint.uri, body), Buffer.class);
    } catch (Unusable unusable) {
      throw new UnavailableException(unusable.getMessage());
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted");
    } catch (Exception failed) {
      // Without its message, which may contain the URL.
      throw new UnavailableException(failed.getClass().getSimpleName());
    }
  }

  private Buffer exchange(URI uri, Buffer body) throws Exception {
    AtomicReference<HttpClientRequest> sent = new AtomicReference<>();
    try {
      return exchange(uri, body, sent).toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof Exception cause ? cause : failed;
    } catch (InterruptedException late) {
      HttpClientRequest request = sent.get();
      if (request != null) {
        request.reset();
      }
      throw late;
    }
  }

  private Future<Buffer> exchange(URI uri, Buffer body, AtomicReference<HttpClientRequest> sent) {
    return client
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(uri.toString())
                .setFollowRedirects(false)
                .putHeader("Content-Type", "application/json"))
        .compose(
            request -> {
              sent.set(request);
              return request.send(body).compose(JsonRpcChains::bounded);
            });
  }

  private static Future<Buffer> bounded(HttpClientResponse response) {
    Promise<Buffer> whole = Promise.promise();
    if (response.statusCode() != 200) {
      response.request().reset();
      return Future.failedFuture(new Unusable("status " + response.statusCode()));
    }
    Buffer body = Buffer.buffer();
    response
        .handler(
            chunk -> {
              if (body.length() + chunk.length() > ANSWER_BYTES) {
                whole.tryFail(new Unusable("more than " + ANSWER_BYTES + " bytes"));
                response.request().reset();
              } else {
                body.appendBuffer(chunk);
              }
            })
        .exceptionHandler(whole::tryFail)
        .endHandler(end -> whole.tryComplete(body));
    return whole.future();
  }

  /** A response that cannot be used; caught in this class. */
  private static final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unusable(String why) {
      super(why, null, false, false);
    }
  }
}
