package io.naap.clearinghouse.confirmation;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.Samples;
import io.naap.clearinghouse.signer.SignerParts;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.path.json.JsonPath;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** A stock signer that asks the hook and writes its events to a real broker. */
@QuarkusTest
@TestProfile(ConfirmationsTest.WithKafka.class)
class ConfirmationsTest {
  private static final String ORCHESTRATOR = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";

  /** Two seconds of a live job, ten at first, at one wei a second. */
  private static final String FEE = "10";

  @ConfigProperty(name = "quarkus.management.port")
  int managementPort;

  /** A service of its own: others have no broker. */
  public static class WithKafka implements QuarkusTestProfile {
    @Override
    public List<TestResourceEntry> testResources() {
      return List.of(
          new TestResourceEntry(Stores.class),
          new TestResourceEntry(SignerParts.class),
          new TestResourceEntry(Kafka.class));
    }

    @Override
    public boolean disableGlobalTestResources() {
      return true;
    }

    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of();
    }
  }

  @Test
  void whatTheSignerDidNotConfirmOrWasNotAllowedIsOnTheOperatorsListUntilItIsExplained()
      throws InterruptedException {
    String good = session();
    String silent = session();
    String twice = session();
    String stolen = session();
    String dear = session();
    for (String session : List.of(good, silent, twice, stolen, dear)) {
      authorize(session);
    }
    String never = Samples.tenant();
    List<String> events = new ArrayList<>();
    events.add(paid("m-" + good, 1));
    events.add(signed(good, "gateway-a:" + good, FEE));
    events.add(signed(twice, "gateway-a:" + twice, FEE));
    events.add(signed(twice, "gateway-a:" + twice, FEE));
    events.add(signed(stolen, "somebody else", FEE));
    events.add(signed(dear, "gateway-a:" + dear, "12"));
    events.add(signed(never, "nobody", FEE));
    events.add(paid("m-" + never, 3));
    // What a broker may hold besides, and one event read twice.
    events.add("not json");
    events.add("{\"type\":\"create_signed_ticket\",\"id\":\"x\",\"data\":{}}");
    events.add("{\"type\":\"stream_ended\",\"id\":\"y\",\"timestamp\":\"1\",\"data\":{}}");
    events.add(events.get(1));
    Kafka.send(events);

    assertThat(standing(6))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                silent + ":0", Set.of("unconfirmed"),
                twice + ":0", Set.of("signed_again"),
                stolen + ":0", Set.of("other_parties"),
                dear + ":0", Set.of("fee_differs"),
                never + ":0", Set.of("unauthorized"),
                "manifest:m-" + never, Set.of("tickets_differ")));
    String metrics =
        given().port(managementPort).get("/q/metrics").then().statusCode(200).extract().asString();
    assertThat(metrics)
        .contains("clearinghouse_signer_gaps{kind=\"unconfirmed\"} 1.0")
        .contains("clearinghouse_signer_gaps{kind=\"unauthorized\"} 1.0")
        .contains("clearinghouse_signer_events_total{result=\"unreadable\"} 2.0");

    // The event that was late.
    Kafka.send(List.of(signed(silent, "gateway-a:" + silent, FEE)));

    assertThat(standing(5)).doesNotContainKey(silent + ":0");
    // On a busy machine other events were late too before they came.
    assertThat(list().getList("data.findAll { it.resolved_at != null }.subject", String.class))
        .contains(silent + ":0");
  }

  private static String session() {
    return Samples.tenant();
  }

  private static void authorize(String session) {
    JsonPath verdict =
        given()
            .header("Livepeer-Clearinghouse-Token", SignerParts.WEBHOOK_SECRET)
            .contentType("application/json")
            .body(
                """
                {"headers":{"Authorization":["Bearer %s"]},"state":{"StateID":"%s",
                 "OrchestratorAddress":"%s","Type":"live","SequenceNumber":0,
                 "InitialPricePerUnit":1,"InitialPixelsPerUnit":1}}"""
                    .formatted(SignerParts.GATEWAY_TOKEN, session, ORCHESTRATOR))
            .post("/hooks/livepeer-signer")
            .then()
            .statusCode(200)
            .extract()
            .jsonPath();
    assertThat(verdict.getInt("status")).isEqualTo(200);
    assertThat(verdict.getString("auth_id")).isEqualTo("gateway-a:" + session);
  }

  /** As go-livepeer's monitor/kafka.go and server/remote_signer.go write it. */
  private static String signed(String session, String authId, String fee) {
    return """
        {"id":"%s","type":"create_signed_ticket","timestamp":"%d","gateway":"signer-1","data":{
         "session_id":"%s","session_status":"new","app":"","pipeline":"live","request_id":"r",
         "orch_address":"%s","orch_url":"https://o.example:8935","manifest_id":"m-%s",
         "pm_session_id":"0x01","billable_secs":10,"pixels":0,"session_balance":"0",
         "computed_fee":"%s","cost":"1.0000000000","sequence_number":0,"num_tickets":1,
         "auth_id":"%s"}}"""
        .formatted(UUID.randomUUID(), now(), session, ORCHESTRATOR, session, fee, authId);
  }

  /** As go-livepeer's server/segment_rpc.go writes it: everything is text. */
  private static String paid(String manifest, int tickets) {
    return """
        {"id":"%s","type":"create_new_payment","timestamp":"%d","gateway":"signer-1","data":{
         "clientIP":"","requestID":"r","capability":"","manifestID":"%s","sessionID":"s",
         "recipient":"%s","faceValue":"0.02 ETH","winProb":"0.0000500000","price":"1 wei/pixel",
         "numTickets":"%d","sender":"0x01","orchestrator":"https://o.example:8935"}}"""
        .formatted(UUID.randomUUID(), now(), manifest, ORCHESTRATOR, tickets);
  }

  private static long now() {
    return Instant.now().toEpochMilli();
  }

  private static JsonPath list() {
    return given()
        .header("Authorization", "Bearer " + Samples.operator())
        .get("/v1/treasury/signer-gaps?limit=500")
        .then()
        .statusCode(200)
        .extract()
        .jsonPath();
  }

  /** The list's subjects and what is wrong, once there are so many. */
  private static Map<String, Set<String>> standing(int expected) throws InterruptedException {
    Map<String, Set<String>> found = new TreeMap<>();
    for (int look = 0; look < 150; look++) {
      found.clear();
      for (Map<String, String> gap :
          list().<Map<String, String>>getList("data.findAll { it.resolved_at == null }")) {
        found.merge(
            gap.get("subject"),
            Set.of(gap.get("kind")),
            (one, other) -> {
              Set<String> both = new java.util.TreeSet<>(one);
              both.addAll(other);
              return both;
            });
      }
      if (found.size() == expected) {
        return found;
      }
      Thread.sleep(200);
    }
    return found;
  }
}
