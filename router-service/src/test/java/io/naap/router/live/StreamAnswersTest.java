package io.naap.router.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamAnswersTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static String shown(String status) {
    return StreamAnswers.shown(JSON, Buffer.buffer(status.replace('\'', '"')), "https://ours/whep")
        .toString();
  }

  @Test
  void aStatusHasNoAddressButOurs() {
    String shown =
        shown(
            "{'type':'status','pipeline':'a/b','start_time':'2026-11-30T09:30:55.123Z','fps':29.9,"
                + "'last_params':{'image':'https://customer.example/x.png'},"
                + "'orchestrator':{'address':'0xab','url':'https://10.0.0.7:8935'},"
                + "'gateway_status':{'whep_url':'http://media.inside:8889/x/whep',"
                + "'rtmp_url':'rtmp://localhost/x','other_url':'http://x',"
                + "'error':'no orchestrator at 10.0.0.7:8935 of orch-3.internal',"
                + "'list':['http://10.0.0.8/', 5, null]}}");

    assertThat(shown)
        .contains(
            "a/b",
            "2026-11-30T09:30:55.123Z",
            "29.9",
            "https://customer.example/x.png",
            "\"whep_url\":\"https://ours/whep\"",
            "no orchestrator at [address]")
        .doesNotContain("10.0.0", "inside", "localhost", "rtmp", "internal", "other_url");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no json from 10.0.0.7:8935", "{"})
  void whatIsNoJsonIsNotPassedOn(String said) {
    assertThat(shown(said)).isEmpty();
  }

  @Test
  void theAnswerToAStartHasOurAddressesOnly() throws JsonProcessingException {
    ObjectNode said =
        (ObjectNode)
            JSON.readTree(
                "{\"stream_id\":\"x-1\",\"whip_url\":\"https://g:1/process/stream/x-1/whip\","
                    + "\"whep_url\":\"http://media:8889/x-1/whep\",\"rtmp_url\":\"rtmp://media/x\","
                    + "\"rtmp_output_url\":\"rtmp://media/out\",\"data_url\":\"\","
                    + "\"new_url\":\"http://g:1/new\",\"host\":\"g\"}");

    assertThat(StreamAnswers.started(said, "https://ours/s", "str_1", Optional.empty()).toString())
        .isEqualTo(
            "{\"stream_id\":\"str_1\",\"whip_url\":\"https://ours/s/whip\","
                + "\"whep_url\":\"https://ours/s/whep\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'gateway_status':{'error':'no orchestrators available'}}|true",
        "{'type':'status','pipeline':'p','gateway_status':{'error':'none'}}|true",
        "{'gateway_status':{'error':''}}|false",
        "{'gateway_status':{'error':'it broke'},'inference_status':{'fps':3}}|false",
        "{'gateway_status':{'whep_url':''}}|false",
        "{}|false",
        "no json|false"
      })
  void tellsAStreamThatNobodyTook(String status, boolean untaken) {
    assertThat(StreamAnswers.isUntaken(JSON, Buffer.buffer(status.replace('\'', '"'))))
        .isEqualTo(untaken);
  }
}
