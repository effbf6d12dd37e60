package io.naap.router;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.testing.Stores;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetSocket;
import jakarta.inject.Inject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Jobs for several images, and gateways that do not have as many as they say. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(FakeServices.class)
@Timeout(20)
class ImagesTest {
  @Inject RedisDataSource redis;

  private final List<JsonObject> asked = new CopyOnWriteArrayList<>();
  private String key;

  @BeforeEach
  void aKey() {
    key = FakeServices.keyInTier("raw");
  }

  private interface Naming {
    String url(int job, int image);
  }

  /** Makes what is asked for, under these addresses; has all but those with "gone" in them. */
  private void makes(Naming naming) {
    RawGateway.plays(
        socket -> {
          RawGateway.Connection connection = RawGateway.of(socket);
          if (connection.head.startsWith("HEAD ")) {
            boolean gone = connection.head.contains("gone");
            socket.write(
                "HTTP/1.1 "
                    + (gone ? "404 Not Found" : "200 OK")
                    + "\r\nContent-Length: 5\r\n\r\n");
            return;
          }
          JsonObject job = new JsonObject(connection.body);
          asked.add(job);
          StringBuilder images = new StringBuilder();
          for (int image = 0; image < job.getInteger("num_images_per_prompt"); image++) {
            images
                .append(image == 0 ? "" : ",")
                .append("{\"url\":\"")
                .append(naming.url(asked.size(), image))
                .append("\",\"seed\":1,\"nsfw\":false}");
          }
          json(socket, "{\"images\":[" + images + "]}");
        });
  }

  private static void json(NetSocket socket, String body) {
    socket.write(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
  }

  private Response image(String more) {
    return given()
        .header("x-api-key", key)
        .contentType("application/json")
        .body("{\"prompt\":\"a\",\"width\":64,\"height\":64" + more + "}")
        .post("/text-to-image");
  }

  private void assertBilled(int images) throws InterruptedException {
    UsageRecorded event = Recorded.only(redis, key);
    assertThat(event.units().get(Unit.GENERATIONS)).isEqualTo(images);
    assertThat(event.units().get(Unit.PIXELS)).isEqualTo(64L * 64 * images);
  }

  @Test
  void imagesOfOneNameAreOneImage() throws InterruptedException {
    makes((job, image) -> "/stream/a/1.png?i=" + image);

    Response answer = image(",\"num_images_per_prompt\":5");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(answer.jsonPath().getList("images")).hasSize(1);
    assertThat(answer.header("x-naap-units")).contains("generations=1");
    assertBilled(1);
  }

  @Test
  void imagesThatCannotBeFetchedAreNotBilled() throws InterruptedException {
    makes((job, image) -> "/stream/a/" + (image < 2 ? "gone" : "is") + image + ".png");

    Response answer = image(",\"num_images_per_prompt\":5");

    assertThat(answer.jsonPath().getList("images")).hasSize(3);
    assertThat(answer.asString()).doesNotContain("gone");
    assertBilled(3);
  }

  @Test
  void anAnswerOfWhichNothingCanBeFetchedIsNone() throws InterruptedException {
    makes((job, image) -> "/stream/a/gone" + image + ".png");

    assertThat(image(",\"num_images_per_prompt\":5").statusCode()).isEqualTo(502);
    assertThat(Recorded.only(redis, key).estimatedCost().isZero()).isTrue();
  }

  @Test
  void aGatewaysOwnAddressInFrontOfAFileIsOurs() {
    makes((job, image) -> "http://127.0.0.1:9935/stream/a/" + image + ".png");

    Response answer = image("");

    assertThat(answer.jsonPath().getString("images[0].url"))
        .isEqualTo("http://naap.test/stream/g-raw-1/a/0.png");
  }

  @Test
  void moreThanAGatewayKeepsAreSeveralJobsWithTheSeedsOfOne() throws InterruptedException {
    makes((job, image) -> "/stream/j" + job + "/" + image + ".png");

    Response answer = image(",\"num_images_per_prompt\":20,\"seed\":7");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(answer.jsonPath().getList("images")).hasSize(20);
    assertThat(asked)
        .extracting(job -> job.getInteger("num_images_per_prompt"))
        .containsExactly(12, 8);
    assertThat(asked).extracting(job -> job.getInteger("seed")).containsExactly(7, 19);
    assertBilled(20);
  }

  @Test
  void aPoolMaySaySoThatEachImageIsAJob() throws InterruptedException {
    key = FakeServices.keyInTier("pair");
    makes((job, image) -> "/stream/j" + job + "/" + image + ".png");

    Response answer =
        given()
            .header("x-api-key", key)
            .contentType("application/json")
            .body("{\"model\":\"any/model\",\"prompt\":\"a\",\"size\":\"64x64\",\"n\":3}")
            .post("/v1/images/generations");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(answer.jsonPath().getList("data")).hasSize(3);
    assertThat(asked).hasSize(3);
    assertBilled(3);
  }

  @Test
  void whatWasMadeBeforeAJobFailedIsGivenAndBilled() throws InterruptedException {
    key = FakeServices.keyInTier("pair");
    RawGateway.plays(
        socket -> {
          RawGateway.Connection connection = RawGateway.of(socket);
          if (connection.head.startsWith("HEAD ")) {
            socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
            return;
          }
          asked.add(new JsonObject(connection.body));
          if (asked.size() < 3) {
            json(socket, "{\"images\":[{\"url\":\"/stream/j" + asked.size() + "/1.png\"}]}");
          } else {
            socket.close();
          }
        });

    Response answer = image(",\"model_id\":\"any/model\",\"num_images_per_prompt\":5");

    assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    assertThat(answer.jsonPath().getList("images")).hasSize(2);
    assertThat(asked).hasSize(3);
    assertBilled(2);
  }
}
