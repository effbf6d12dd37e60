package io.naap.router.workload;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.router.workload.TokenCount.Mismatch;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenCountTest {
  private static final Units ESTIMATE = TokenCount.tokens(100, 50);

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException wrong) {
      throw new AssertionError(wrong);
    }
  }

  private static Units answer(String content, String usage) {
    return TokenCount.of(
            json(
                "{'choices':[{'message':{'role':'assistant','content':'"
                    + content
                    + "'}}],'usage':"
                    + usage
                    + "}"),
            ESTIMATE)
        .units();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // What an answer of 30 bytes comes to: in, out.
        "{'prompt_tokens':7,'completion_tokens':9}|7|9",
        "{'prompt_tokens':0,'completion_tokens':0}|100|10",
        "{'prompt_tokens':7,'completion_tokens':0}|7|10",
        "{'prompt_tokens':0,'completion_tokens':9}|100|9",
        "{'completion_tokens':9}|100|9",
        "{'prompt_tokens':7}|7|10",
        "{'prompt_tokens':null,'completion_tokens':9}|100|9",
        "{'total_tokens':9}|100|10",
        "{}|100|10",
        "null|100|10",
        "[]|100|10",
        "'7'|100|10",
        "{'prompt_tokens':-7,'completion_tokens':9}|100|10",
        "{'prompt_tokens':7,'completion_tokens':-9}|100|10",
        "{'prompt_tokens':7,'completion_tokens':9.5}|100|10",
        "{'prompt_tokens':'7','completion_tokens':'9'}|100|10",
        "{'prompt_tokens':7,'completion_tokens':99999999999999999999}|100|10",
        "{'prompt_tokens':7,'completion_tokens':1e30}|100|10",
        "{'prompt_tokens':7,'completion_tokens':true}|100|10",
        // No more than was allowed, or sent.
        "{'prompt_tokens':7,'completion_tokens':9223372036854775807}|7|50",
        "{'prompt_tokens':9223372036854775807,'completion_tokens':9}|1300|9"
      })
  void judgesAUsageObject(String usage, long in, long out) {
    assertThat(answer("x".repeat(30), usage)).isEqualTo(TokenCount.tokens(in, out));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"{'prompt_tokens':0,'completion_tokens':0}", "{}", "null"})
  void anAnswerWithoutTextIsFree(String usage) {
    assertThat(answer("", usage)).isEqualTo(Units.NONE);
  }

  @Test
  void textsAreCountedWhereverTheyAre() {
    TokenCount count =
        TokenCount.of(
            json(
                "{'choices':[{'message':{'role':'assistant','content':null,'reasoning_content':'"
                    + "y".repeat(30)
                    + "','tool_calls':[{'function':{'arguments':'"
                    + "z".repeat(60)
                    + "'}}]}}]}"),
            ESTIMATE);

    assertThat(count.units().get(Unit.TOKENS_OUT)).isEqualTo(30);
  }

  @ParameterizedTest
  @CsvSource({
    "30, 10, ", "30, 1, ", "30, 46, ", "30, 47, HIGH", "30, 1000000000, HIGH",
    "3000, 1000, ", "3000, 184, ", "3000, 182, LOW", "3000, 1, LOW", "3000, 0, MISSING",
    "0, 0, ", "0, 16, ", "0, 17, HIGH"
  })
  void tellsACountThatDiffersWidelyFromTheText(int bytes, long counted, Mismatch kind) {
    TokenCount count =
        TokenCount.of(
            json(
                "{'choices':[{'message':{'content':'"
                    + "x".repeat(bytes)
                    + "'}}],'usage':{'prompt_tokens':1,'completion_tokens':"
                    + counted
                    + "}}"),
            ESTIMATE);

    assertThat(count.mismatch().orElse(null)).isEqualTo(kind);
  }

  @Property
  void countsOnlyGrow(
      @ForAll @Size(min = 1, max = 20) List<@LongRange(min = 0, max = 60) Long> counts) {
    TokenCount count = new TokenCount(ESTIMATE);
    long before = 0;
    for (long next : counts) {
      count.usage(json("{'prompt_tokens':" + next + ",'completion_tokens':" + next + "}"));
      count.says(json("{'content':'abc'}"));
      long out = count.units().get(Unit.TOKENS_OUT);
      long most = counts.stream().mapToLong(Long::longValue).max().orElseThrow();
      if (most > 0 && before > 0 && next > 0) {
        assertThat(out).isLessThanOrEqualTo(Math.max(20, Math.min(50, most)));
      }
      before = next;
    }
    long most = counts.stream().mapToLong(Long::longValue).max().orElseThrow();
    assertThat(count.units().get(Unit.TOKENS_OUT))
        .isEqualTo(most == 0 ? counts.size() : Math.min(50, most));
  }
}
