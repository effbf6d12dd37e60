package io.naap.router.workload;

import static io.naap.router.workload.Workloads.JSON;
import static io.naap.router.workload.Workloads.NOTHING;
import static io.naap.router.workload.Workloads.answer;
import static io.naap.router.workload.Workloads.job;
import static io.naap.router.workload.Workloads.parse;
import static io.naap.router.workload.Workloads.refusal;
import static io.naap.router.workload.Workloads.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.metering.Unit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextToImageTest {
  private static final TextToImage NATIVE = new TextToImage(JSON);
  private static final ImageGenerations OPEN_AI = new ImageGenerations(JSON);

  @Test
  void makesItsDefaultsExplicitForTheGateway() {
    Job job = job(NATIVE, "{'prompt':'a cat','guidance_scale':7}");

    assertThat(sent(job))
        .isEqualTo(
            answer(
                "{'prompt':'a cat','guidance_scale':7,'width':512,'height':512,"
                    + "'num_images_per_prompt':1,'model_id':'m'}"));
    assertThat(job.estimate().most()).isEqualTo(Images.units(512 * 512, 1));
    assertThat(job.estimate().open()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'prompt':''}",
        "{'prompt':7}",
        "{'prompt':'a','width':0}",
        "{'prompt':'a','width':8193}",
        "{'prompt':'a','height':1.5}",
        "{'prompt':'a','num_images_per_prompt':21}",
        "{'prompt':'a','num_images_per_prompt':'2'}",
        "{'prompt':'a','Width':9}",
        "{'prompt':'a','model_id':7}"
      })
  void refusesWhatItCannotPrice(String body) {
    assertThat(refusal(() -> parse(NATIVE, body)).status()).isEqualTo(422);
  }

  @Test
  void billsTheImagesOfTheAnswerAndNeverMoreThanWereAskedFor() {
    Job job = job(NATIVE, "{'prompt':'a','width':10,'height':20,'num_images_per_prompt':2}");

    assertThat(job.measured(answer("{'images':[{}]}"), NOTHING)).isEqualTo(Images.units(200, 1));
    assertThat(job.measured(answer("{'images':[{},{},{}]}"), NOTHING))
        .isEqualTo(Images.units(200, 2));
  }

  @Test
  void cutsAJobForManyImagesAndCountsItsSeedUp() {
    Job job = job(NATIVE, "{'prompt':'a','num_images_per_prompt':5,'seed':7}");

    var parts = job.parts(2);

    assertThat(parts)
        .extracting(part -> sent(part).get("num_images_per_prompt").asInt())
        .containsExactly(2, 2, 1);
    assertThat(parts).extracting(part -> sent(part).get("seed").asInt()).containsExactly(7, 9, 11);
    assertThat(job.parts(5)).containsExactly(job.outgoing().body());
  }

  @Test
  void isCompleteWithAnImageAndWithoutAnError() {
    assertThat(NATIVE.isComplete(answer("{'images':[{}]}"))).isTrue();
    assertThat(NATIVE.isComplete(answer("{'images':[]}"))).isFalse();
    assertThat(NATIVE.isComplete(answer("{'images':[{}],'error':'x'}"))).isFalse();
    assertThat(NATIVE.isComplete(answer("{}"))).isFalse();
  }

  @Test
  void readsOpenAisNames() {
    Job job = job(OPEN_AI, "{'prompt':'a','n':3,'size':'64x32','style':'vivid'}");

    assertThat(sent(job))
        .isEqualTo(
            answer(
                "{'prompt':'a','width':64,'height':32,'num_images_per_prompt':3,'model_id':'m'}"));
    assertThat(job.estimate().most().get(Unit.PIXELS)).isEqualTo(64 * 32 * 3);
    assertThat(job(OPEN_AI, "{'prompt':'a','size':'auto'}").estimate().most().get(Unit.PIXELS))
        .isEqualTo(512 * 512);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'prompt':'a','response_format':'b64_json'}",
        "{'prompt':'a','size':'64'}",
        "{'prompt':'a','size':'0x10'}",
        "{'prompt':'a','size':'8193x1'}",
        "{'size':'10x10'}"
      })
  void refusesWhatOpenAisPathCannotGive(String body) {
    assertThat(refusal(() -> parse(OPEN_AI, body)).status()).isEqualTo(422);
  }
}
