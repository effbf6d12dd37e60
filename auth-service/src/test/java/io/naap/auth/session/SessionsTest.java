package io.naap.auth.session;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.auth.Person;
import io.naap.auth.secret.Opaque;
import io.naap.contracts.testing.Eventually;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class SessionsTest {
  private static final long PROMISED_MILLIS = 5_000;

  @Inject Transactions transactions;

  @Test
  void givesEveryTokenOneSuccessorHoweverManyUseItAtOnce() throws Exception {
    int tokens = 100;
    int uses = 16;
    Set<String> successors = new HashSet<>();
    int renewed = 0;
    Person person = Person.signIn();
    try (ExecutorService threads = Executors.newFixedThreadPool(uses)) {
      for (int token = 0; token < tokens; token++) {
        String used = person.refreshToken();
        List<Callable<Response>> all = new ArrayList<>();
        for (int use = 0; use < uses; use++) {
          all.add(() -> Person.refresh(used));
        }
        Set<String> mine = new HashSet<>();
        for (Future<Response> answer : threads.invokeAll(all)) {
          assertThat(answer.get().statusCode()).as(answer.get().asString()).isEqualTo(200);
          mine.add(answer.get().path("refresh_token"));
          renewed++;
        }
        assertThat(mine).hasSize(1);
        successors.addAll(mine);
        person =
            new Person(
                person.wallet(),
                person.accessToken(),
                mine.iterator().next(),
                person.tenantId(),
                person.userId());
      }
    }

    assertThat(successors).hasSize(tokens);
    assertThat(renewed).isEqualTo(tokens * uses);
    String user = person.userId();
    assertThat(
            transactions
                .run(
                    tx ->
                        tx.query(
                            "select count(*) n from refresh_tokens t join sessions s on s.id ="
                                + " t.session_id where s.user_id = $1",
                            user))
                .getFirst()
                .getLong("n"))
        .isEqualTo(tokens + 1);
  }

  @Test
  void answersTheSameAgainToAClientThatLostTheAnswer() {
    Person person = Person.signIn();

    String first = Person.refresh(person.refreshToken()).path("refresh_token");
    String again = Person.refresh(person.refreshToken()).path("refresh_token");

    assertThat(again).isEqualTo(first);
    assertThat(Person.refresh(first).statusCode()).isEqualTo(200);
  }

  @Test
  void endsTheSessionWhenATokenIsUsedAfterItsSuccessor() throws Exception {
    Person person = Person.signIn();
    Person second = person.refreshed();
    Person third = second.refreshed();

    Response stolen = Person.refresh(person.refreshToken());

    assertThat(stolen.statusCode()).isEqualTo(400);
    assertThat(stolen.<String>path("error")).isEqualTo("invalid_grant");
    assertThat(Person.refresh(third.refreshToken()).statusCode()).isEqualTo(400);
    assertThat(Eventually.within(PROMISED_MILLIS, () -> third.meStatus() == 401)).isTrue();
  }

  @Test
  void endsTheSessionWhenATokenIsUsedAgainLater() {
    Person person = Person.signIn();
    Person second = person.refreshed();

    transactions.run(
        tx ->
            tx.change(
                """
                update refresh_tokens set used_at = used_at - interval '3 seconds'
                where token_hash = $1""",
                Opaque.hash(person.refreshToken())));

    assertThat(Person.refresh(person.refreshToken()).statusCode()).isEqualTo(400);
    assertThat(Person.refresh(second.refreshToken()).statusCode()).isEqualTo(400);
  }

  @Test
  void storesNoSuccessorThatItsReaderCouldUse() {
    Person person = Person.signIn();
    Person second = person.refreshed();

    String rows =
        transactions
            .run(
                tx ->
                    tx.query(
                        "select string_agg(encode(successor, 'escape'), ' ') s from refresh_tokens"))
            .getFirst()
            .getString("s");

    assertThat(rows).isNotEmpty().doesNotContain(second.refreshToken());
  }

  @Test
  void refusesARevokedSessionWithinSecondsAndNoOther() throws Exception {
    Person here = Person.signIn();
    Person there = Person.signIn(here.wallet());
    List<String> sessions = here.ask().get("/v1/sessions").path("data.id");
    List<String> other = here.ask().get("/v1/sessions").path("data.findAll { !it.current }.id");
    assertThat(sessions).hasSize(2);
    assertThat(other).hasSize(1);

    here.ask().delete("/v1/sessions/" + other.getFirst()).then().statusCode(204);

    assertThat(Eventually.within(PROMISED_MILLIS, () -> there.meStatus() == 401)).isTrue();
    assertThat(Person.refresh(there.refreshToken()).statusCode()).isEqualTo(400);
    assertThat(here.meStatus()).isEqualTo(200);
    here.ask().delete("/v1/sessions/" + other.getFirst()).then().statusCode(404);
    Person.signIn().ask().delete("/v1/sessions/" + sessions.getFirst()).then().statusCode(404);
  }

  @Test
  void signsOutEverywhereAndLetsTheUserBackInAtOnce() throws Exception {
    Person here = Person.signIn();
    Person there = Person.signIn(here.wallet());

    here.ask().delete("/v1/sessions").then().statusCode(204);
    Person back = Person.signIn(here.wallet());

    assertThat(Eventually.within(PROMISED_MILLIS, () -> there.meStatus() == 401)).isTrue();
    assertThat(here.meStatus()).isEqualTo(401);
    assertThat(Person.refresh(here.refreshToken()).statusCode()).isEqualTo(400);
    assertThat(back.meStatus()).isEqualTo(200);
  }

  @Test
  void endsTheSessionOfARefreshTokenAndRefusesAnAccessTokenWhenAsked() throws Exception {
    Person byRefresh = Person.signIn();
    Person byAccess = Person.signIn();

    given()
        .formParam("token", byRefresh.refreshToken())
        .post("/oauth/revoke")
        .then()
        .statusCode(200);
    given().formParam("token", byAccess.accessToken()).post("/oauth/revoke").then().statusCode(200);
    given().formParam("token", "unknown").post("/oauth/revoke").then().statusCode(200);

    assertThat(Person.refresh(byRefresh.refreshToken()).statusCode()).isEqualTo(400);
    assertThat(Eventually.within(PROMISED_MILLIS, () -> byRefresh.meStatus() == 401)).isTrue();
    assertThat(Eventually.within(PROMISED_MILLIS, () -> byAccess.meStatus() == 401)).isTrue();
    assertThat(Person.refresh(byAccess.refreshToken()).statusCode()).isEqualTo(200);
  }
}
