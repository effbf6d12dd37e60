package io.naap.keys.verification;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.Stores;
import io.naap.keys.KeysApi;
import io.naap.keys.pepper.Peppers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class PepperTest {
  @TestHTTPResource(value = "/health/ready", management = true)
  String ready;

  @Inject Pool pool;
  @Inject Peppers peppers;

  private final KeysApi api = new KeysApi();

  @Test
  void storesASecretUnderTheCurrentPepperAfterItsFirstUse() throws Exception {
    String text = api.create("{\"name\":\"old\"}").path("key");
    ApiKey key = ApiKey.parse(text).orElseThrow();
    store(key, 0, peppers.hash(0, key.secret()).orElseThrow());
    assertThat(waiting("keys_under_old_peppers")).isPositive();

    KeysApi.resolve(text).then().statusCode(200);

    Eventually.await(
        "its hash is under the current pepper",
        () -> row(key).getInteger("pepper_version") == peppers.current());
    Row row = row(key);
    assertThat(row.getInteger("pepper_version")).isEqualTo(peppers.current());
    assertThat(
            Arrays.equals(
                row.getBuffer("secret_hmac").getBytes(),
                peppers.hash(peppers.current(), key.secret()).orElseThrow()))
        .isTrue();
    KeysApi.resolve(text).then().statusCode(200);
  }

  @Test
  void refusesAndCountsKeysWhosePepperIsGone() {
    String text = api.create("{\"name\":\"lost\"}").path("key");
    ApiKey key = ApiKey.parse(text).orElseThrow();
    long before = waiting("keys_without_pepper");
    store(key, 77, new byte[32]);

    KeysApi.resolve(text).then().statusCode(404);

    assertThat(waiting("keys_without_pepper")).isEqualTo(before + 1);
  }

  private int waiting(String name) {
    return given()
        .get(ready)
        .jsonPath()
        .getInt("checks.find { it.name == 'keys can be read' }.data." + name);
  }

  private void store(ApiKey key, int version, byte[] hash) {
    pool.preparedQuery(
            "update key_secrets set pepper_version = $2, secret_hmac = $3 where public_id = $1")
        .executeAndAwait(
            Tuple.of(
                key.id(), version, io.vertx.mutiny.core.buffer.Buffer.buffer(hash).getDelegate()));
  }

  private Row row(ApiKey key) {
    return pool.preparedQuery(
            "select pepper_version, secret_hmac from key_secrets where public_id = $1")
        .executeAndAwait(Tuple.of(key.id()))
        .iterator()
        .next();
  }
}
