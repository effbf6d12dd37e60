package io.naap.auth.siwe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.naap.contracts.secret.Secret;
import io.quarkus.runtime.Startup;
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
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

/**
 * Calls chains through the JSON-RPC endpoints of the configuration; a URL never comes from a user.
 * Limits the time, gas and response size of a call and the number of concurrent calls; follows no
 * redirects. Blocks; call it on a virtual thread. Endpoint URLs are secret, because they contain
 * providers' API keys.
 */
@ApplicationScoped
@Startup
final class JsonRpcChains implements Chains {
  private static final int ANSWER_BYTES = 64 * 1024;
  private static final String PROPERTY = "naap.auth.siwe.rpc.";
  private static final Pattern DATA = Pattern.compile("0x(?:[0-9a-fA-F]{2})*");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<Long, URI> endpoints;
  private final HttpClient client;
  private final Duration timeout;
  private final String gas;
  private final Semaphore calls;

  JsonRpcChains(Vertx vertx, SiweConfig config) {
    this.endpoints = endpoints(config.rpc(), config.chainIds());
    this.timeout = config.rpcTimeout();
    this.gas = "0x" + Long.toHexString(config.rpcGas());
    this.calls = new Semaphore(config.rpcCalls());
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout((int) timeout.toMillis())
                .setMaxPoolSize(config.rpcCalls())
                .setMaxWaitQueueSize(config.rpcCalls())
                .setDecompressionSupported(false));
  }

  @PreDestroy
  void close() {
    client.close();
  }

  private static Map<Long, URI> endpoints(Map<Long, Secret> configured, Set<Long> chainIds) {
    Map<Long, URI> endpoints = new TreeMap<>();
    configured.forEach(
        (chainId, url) -> {
          if (!chainIds.contains(chainId)) {
            throw new IllegalStateException(
                PROPERTY + chainId + " is of a chain that naap.auth.siwe.chain-ids does not list");
          }
          endpoints.put(chainId, endpoint(chainId, url));
        });
    return endpoints;
  }

  private static URI endpoint(long chainId, Secret url) {
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
    JsonNode answer = read(send(endpoints.get(chainId), body));
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

  private Buffer send(URI endpoint, Buffer body) throws UnavailableException {
    long deadline = System.nanoTime() + timeout.toNanos();
    boolean mayCall = false;
    AtomicReference<HttpClientRequest> sent = new AtomicReference<>();
    try {
      mayCall = calls.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS);
      if (!mayCall) {
        throw new UnavailableException("too many calls are under way");
      }
      return exchange(endpoint, body, sent)
          .toCompletionStage()
          .toCompletableFuture()
          .get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException failed) {
      throw new UnavailableException(
          failed.getCause() instanceof Unusable unusable
              ? unusable.getMessage()
              : failed.getCause().getClass().getSimpleName());
    } catch (TimeoutException late) {
      HttpClientRequest request = sent.get();
      if (request != null) {
        request.reset();
      }
      throw new UnavailableException("no answer within " + timeout);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted");
    } finally {
      if (mayCall) {
        calls.release();
      }
    }
  }

  private Future<Buffer> exchange(
      URI endpoint, Buffer body, AtomicReference<HttpClientRequest> sent) {
    return client
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(endpoint.toString())
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
