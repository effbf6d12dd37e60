package io.naap.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LedgerCheckTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @Test
  void endsWithZeroWhenEveryRuleHolds() throws JsonProcessingException {
    assertThat(check("true", 0)).isZero();
    assertThat(text()).contains("ok     every balance is the sum of its postings", "head ab");
  }

  @Test
  void namesWhatIsWrongAndEndsWithOne() throws JsonProcessingException {
    assertThat(check("false", 3)).isEqualTo(1);
    assertThat(text())
        .contains("WRONG  every balance is the sum of its postings: 3 (ten_1 credit, ten_2 owed)");
  }

  @Test
  void anAnswerWithoutRulesProvesNothing() throws JsonProcessingException {
    assertThat(new LedgerCheck(out()).run(new ObjectMapper().readTree("{\"ok\":true}")))
        .isEqualTo(1);
  }

  private int check(String ok, int violations) throws JsonProcessingException {
    String json =
        """
        {"ok":%s,"rules":[{"name":"every balance is the sum of its postings","violations":%d,
         "examples":["ten_1 credit","ten_2 owed"]}],
         "sealed":7,"head":"ab","unsealed":0}"""
            .formatted(ok, violations);
    return new LedgerCheck(out()).run(new ObjectMapper().readTree(json));
  }

  private PrintStream out() {
    return new PrintStream(printed, true, StandardCharsets.UTF_8);
  }

  private String text() {
    return printed.toString(StandardCharsets.UTF_8);
  }
}
