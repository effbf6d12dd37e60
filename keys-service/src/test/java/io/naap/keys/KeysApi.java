package io.naap.keys;

import static io.restassured.RestAssured.given;

import io.naap.contracts.identity.Role;
import io.naap.contracts.testing.Tokens;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** HTTP calls to keys-service, for one tenant per instance. */
public final class KeysApi {
  private static final AtomicInteger NEXT = new AtomicInteger();

  private final String tenant;

  public KeysApi() {
    this("ten_01kaq3v7g8e2nb0p4m6r9t%04d".formatted(NEXT.incrementAndGet()));
  }

  public KeysApi(String tenant) {
    this.tenant = tenant;
  }

  public String tenant() {
    return tenant;
  }

  public RequestSpecification as(Role role) {
    return given().auth().oauth2(Tokens.of(tenant, role)).contentType(ContentType.JSON);
  }

  public Response create(String body) {
    return as(Role.DEVELOPER).body(body).post("/v1/keys");
  }

  public Response patch(String id, String body) {
    return as(Role.ADMIN).body(body).patch("/v1/keys/" + id);
  }

  public Response rotate(String id, long overlapSeconds) {
    return as(Role.ADMIN)
        .body("{\"overlap_seconds\":" + overlapSeconds + "}")
        .post("/v1/keys/" + id + "/rotate");
  }

  public Response get(String pathAndQuery) {
    return as(Role.VIEWER).get(pathAndQuery);
  }

  public static Response resolve(String key) {
    return given()
        .auth()
        .oauth2(Tokens.service("router"))
        .contentType(ContentType.JSON)
        .body(Map.of("key", key))
        .post("/internal/keys/resolve");
  }

  /** The response to a service that asks for a key's profile by id. */
  public static Response profile(String keyId) {
    return given()
        .auth()
        .oauth2(Tokens.service("router"))
        .get("/internal/keys/" + keyId + "/profile");
  }
}
