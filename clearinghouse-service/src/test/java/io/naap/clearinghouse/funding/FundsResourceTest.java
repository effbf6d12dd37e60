package io.naap.clearinghouse.funding;

import static io.naap.clearinghouse.Samples.fund;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import io.naap.clearinghouse.Samples;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class FundsResourceTest {
  @Test
  void theSameQuestionGetsTheSameTotalAndMovesNothingTwice() {
    String tenant = Samples.tenant();
    Samples.credit(tenant, "10");

    fund(tenant, "e", "0", "4").statusCode(200).body("total.amount", equalTo("4.00"));
    fund(tenant, "e", "0", "4")
        .statusCode(200)
        .body("total.amount", equalTo("4.00"))
        .body("funding_id", startsWith("fnd_"))
        .body("epoch", equalTo("e"))
        .body("tenant_id", equalTo(tenant));

    assertThat(Samples.balance(tenant))
        .isEqualTo("available 6.00, set aside 4.00, owed 0.00, balance 10.00");
  }

  @Test
  void grantsWhatIsLeftDownToNothing() {
    String tenant = Samples.tenant();
    Samples.credit(tenant, "5");

    fund(tenant, "e", "0", "4").statusCode(200).body("total.amount", equalTo("4.00"));
    fund(tenant, "e", "4", "4").statusCode(200).body("total.amount", equalTo("5.00"));
    fund(tenant, "e", "5", "4").statusCode(200).body("total.amount", equalTo("5.00"));
  }

  @Test
  void aNewEpochClosesTheOlderFunding() {
    String tenant = Samples.tenant();
    Samples.credit(tenant, "5");
    fund(tenant, "old", "0", "4").statusCode(200);

    fund(tenant, "new", "0", "1").statusCode(200).body("total.amount", equalTo("1.00"));

    assertThat(Samples.balance(tenant))
        .isEqualTo("available 4.00, set aside 1.00, owed 0.00, balance 5.00");
    fund(tenant, "old", "4", "1").statusCode(409).body("code", equalTo("funding_closed"));
  }

  @Test
  void refusesAnAskerThatKnowsOfMoreMoneyThanThereWas() {
    String tenant = Samples.tenant();
    Samples.credit(tenant, "5");

    fund(tenant, "e", "3", "1").statusCode(409).body("code", equalTo("funding_ahead"));

    assertThat(Samples.balance(tenant))
        .isEqualTo("available 5.00, set aside 0.00, owed 0.00, balance 5.00");
  }

  @Test
  void manyAskersAtOnceGetTheSameTotal() throws Exception {
    String tenant = Samples.tenant();
    Samples.credit(tenant, "5");

    List<Future<String>> totals = new ArrayList<>();
    try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int at = 0; at < 16; at++) {
        totals.add(
            many.submit(
                () ->
                    fund(tenant, "e", "0", "2")
                        .statusCode(200)
                        .extract()
                        .path("total.amount")
                        .toString()));
      }
    }

    for (Future<String> total : totals) {
      assertThat(total.get()).isEqualTo("2.00");
    }
    assertThat(Samples.balance(tenant))
        .isEqualTo("available 3.00, set aside 2.00, owed 0.00, balance 5.00");
  }

  @Test
  void refusesWhatIsInvalidAndOpensNothing() {
    String tenant = Samples.tenant();
    fund(tenant, "e", "-1", "1").statusCode(422).body("code", equalTo("invalid"));
    fund(tenant, "e", "0", "0.0000000001").statusCode(422);
    fund("nobody", "e", "0", "1").statusCode(422);
    fund(tenant, "", "0", "1").statusCode(422);
    assertThat(Samples.balance(tenant))
        .isEqualTo("available 0.00, set aside 0.00, owed 0.00, balance 0.00");
  }
}
