package io.naap.metering;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.testing.Operations;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class OpenApiTest {
  @TestHTTPResource(value = "/openapi", management = true)
  URL description;

  @TestHTTPResource(value = "/health/ready", management = true)
  URL ready;

  @Test
  void theCommittedDescriptionIsWhatTheCodeServes() {
    String served = given().get(description).then().statusCode(200).extract().asString();

    assertThat(Operations.difference(Path.of("openapi.yaml"), served)).isEmpty();
  }

  @Test
  void isReadyOnTheManagementPortOnly() {
    given().get(ready).then().statusCode(200);
    given().get("/q/health/ready").then().statusCode(404);
    given().get("/q/openapi").then().statusCode(404);
  }
}
