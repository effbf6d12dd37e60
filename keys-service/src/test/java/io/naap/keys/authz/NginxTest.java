package io.naap.keys.authz;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import io.naap.contracts.identity.Role;
import io.naap.contracts.testing.Stores;
import io.naap.keys.KeysApi;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Puts a real nginx that checks keys in front of another application. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class NginxTest {
  @TestHTTPResource URI keys;
  @TempDir Path folder;

  private final KeysApi api = new KeysApi();
  private final List<Headers> reached = new CopyOnWriteArrayList<>();
  private HttpServer application;
  private Nginx nginx;

  @BeforeEach
  void start() throws Exception {
    Optional<Path> program = Nginx.find();
    assumeTrue(
        program.isPresent() || "true".equals(System.getenv("CI")),
        "there is no nginx: put one on the PATH or name it in NAAP_NGINX");
    application = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    application.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          reached.add(exchange.getRequestHeaders());
          byte[] body = "done".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    application.start();
    nginx =
        Nginx.start(
            program.orElseThrow(), folder, keys.getPort(), application.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    if (nginx != null) {
      nginx.close();
    }
    if (application != null) {
      application.stop(0);
    }
  }

  @Test
  void letsRequestsWithAGoodKeyPassAndTellsWhoseTheyAre() {
    Response made =
        api.create(
            "{\"name\":\"a\",\"scopes\":{\"capabilities\":[\"text-to-image\"],\"models\":[]}}");

    Response passed = post(made.path("key"));

    assertThat(passed.statusCode()).isEqualTo(200);
    assertThat(passed.asString()).isEqualTo("done");
    assertThat(reached).hasSize(1);
    assertThat(reached.getFirst().get("X-Naap-Tenant")).containsExactly(api.tenant());
    assertThat(reached.getFirst().get("X-Naap-Key")).containsExactly(made.<String>path("id"));
    assertThat(reached.getFirst().containsKey("Authorization")).isFalse();
  }

  @Test
  void stopsEverythingElseBeforeTheApplication() {
    Response made = api.create("{\"name\":\"a\"}");
    String narrow =
        api.create("{\"name\":\"b\",\"scopes\":{\"capabilities\":[\"llm\"],\"models\":[]}}")
            .path("key");
    String far = api.create("{\"name\":\"c\",\"allowed_cidrs\":[\"203.0.113.0/24\"]}").path("key");
    String near = api.create("{\"name\":\"d\",\"allowed_cidrs\":[\"127.0.0.1\"]}").path("key");

    assertThat(given().body("x").post(nginx.url() + "/images").statusCode()).isEqualTo(401);
    assertThat(post("naap_live_x").statusCode()).isEqualTo(401);
    assertThat(post(narrow).statusCode()).isEqualTo(403);
    assertThat(post(far).statusCode()).isEqualTo(403);
    assertThat(
            given()
                .header("Authorization", "Bearer " + far)
                .header("X-Forwarded-For", "203.0.113.7")
                .body("x")
                .post(nginx.url() + "/images")
                .statusCode())
        .isEqualTo(403);
    assertThat(given().get(nginx.url() + "/_authz").statusCode()).isEqualTo(404);
    assertThat(reached).isEmpty();
    assertThat(post(near).statusCode()).isEqualTo(200);
    assertThat(post(made.path("key")).statusCode()).isEqualTo(200);
    api.as(Role.OWNER).delete("/v1/keys/" + made.path("id")).then().statusCode(204);
    assertThat(post(made.path("key")).statusCode()).isEqualTo(401);
    assertThat(reached).hasSize(2);
  }

  private Response post(String key) {
    return given()
        .header("Authorization", "Bearer " + key)
        .header("X-Naap-Tenant", "ten_claimed")
        .header("X-Naap-Capability", "llm")
        .body("a body that the key check need not read")
        .post(nginx.url() + "/images");
  }
}
