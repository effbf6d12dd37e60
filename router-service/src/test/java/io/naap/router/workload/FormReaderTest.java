package io.naap.router.workload;

import static io.naap.router.workload.Workloads.NOTHING;
import static io.naap.router.workload.Workloads.answer;
import static io.naap.router.workload.Workloads.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.router.Samples;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.http.Upload;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The workloads whose requests are forms. */
class FormReaderTest {
  private static final FormReader FORMS = new FormReader(100_000_000, 1_000_000, 64);
  private static final PictureInput IMAGE_TO_IMAGE =
      PictureInput.nativePath(FORMS, Endpoint.IMAGE_TO_IMAGE, "images");
  private static final PictureInput MASKS =
      PictureInput.nativePath(FORMS, Endpoint.SEGMENT_ANYTHING, "masks");
  private static final byte[] PNG = Samples.png(30, 20);

  private static String field(String name, String value) {
    return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }

  /** A form with fields before its file. */
  private static Buffer form(String fields, String fileField, byte[] file) {
    return begun(fields, fileField, file).appendString("\r\n--B--\r\n");
  }

  private static Buffer begun(String fields, String fileField, byte[] file) {
    return Buffer.buffer(fields)
        .appendString("--B\r\nContent-Disposition: form-data; name=\"" + fileField + "\";")
        .appendString(" filename=\"a.bin\"\r\n\r\n")
        .appendBytes(file);
  }

  private static Job job(FormWorkload workload, Buffer body) {
    return FORMS
        .parse(workload, "B", body.length(), new Upload.Beginning(body, true))
        .job()
        .apply("m");
  }

  private static int refused(FormWorkload workload, Buffer body) {
    return refusal(() -> job(workload, body)).status();
  }

  private static String text(Job job) {
    return ((Body.Streamed) job.outgoing().body()).head().toString("ISO-8859-1");
  }

  @Test
  void billsThePixelsOfThePictureForEachImageMade() {
    Job job = job(IMAGE_TO_IMAGE, form(field("num_images_per_prompt", "3"), "image", PNG));

    assertThat(job.estimate().most()).isEqualTo(Images.units(600, 3));
    assertThat(job.measured(answer("{'images':[{},{}]}"), NOTHING)).isEqualTo(Images.units(600, 2));
    assertThat(text(job)).contains("name=\"model_id\"\r\n\r\nm\r\n");
    assertThat(refusal(() -> job.parts(2)).status()).isEqualTo(422);
    assertThat(job.parts(3)).hasSize(1);
  }

  @Test
  void billsThePixelsOfThePictureOnceWhereNoImageIsMade() {
    Job job = job(MASKS, form("", "image", PNG));

    assertThat(job.measured(answer("{'masks':''}"), NOTHING))
        .isEqualTo(Units.of(Unit.REQUESTS, 1).with(Unit.PIXELS, 600));
    assertThat(MASKS.isComplete(answer("{'masks':''}"))).isTrue();
    assertThat(MASKS.isComplete(answer("{'images':[{}]}"))).isFalse();
    assertThat(MASKS.isBilledWhenTooLarge()).isTrue();
    assertThat(IMAGE_TO_IMAGE.isBilledWhenTooLarge()).isFalse();
  }

  @Test
  void refusesPicturesThatItCannotMeasure() {
    assertThat(
            refused(
                IMAGE_TO_IMAGE,
                form("", "image", "BMnot a picture".getBytes(StandardCharsets.US_ASCII))))
        .isEqualTo(415);
    assertThat(refused(IMAGE_TO_IMAGE, form("", "photo", PNG))).isEqualTo(422);
    assertThat(refused(IMAGE_TO_IMAGE, form(field("num_images_per_prompt", "0"), "image", PNG)))
        .isEqualTo(422);
    byte[] cut = Arrays.copyOf(PNG, 20);
    assertThat(refused(IMAGE_TO_IMAGE, form("", "image", cut))).isEqualTo(422);
  }

  @Test
  void readsOpenAisNamesAndWritesTheGateways() {
    PictureInput edits = PictureInput.imageEdits(FORMS);

    Job job = job(edits, form(field("n", "2") + field("model", "x"), "image[]", PNG));

    assertThat(job.estimate().most()).isEqualTo(Images.units(600, 2));
    assertThat(text(job))
        .contains("name=\"num_images_per_prompt\"\r\n\r\n2\r\n")
        .contains("name=\"image\"; filename=");
    assertThat(text(job(PictureInput.imageVariations(FORMS), form("", "image", PNG))))
        .contains("name=\"prompt\"\r\n\r\na variation\r\n");
  }

  @Test
  void refusesWhatOpenAisPathsDoNotGive() {
    PictureInput edits = PictureInput.imageEdits(FORMS);

    assertThat(refused(edits, form(field("response_format", "b64_json"), "image", PNG)))
        .isEqualTo(422);
    assertThat(refused(edits, form(field("stream", "true"), "image", PNG))).isEqualTo(422);
    assertThat(refused(edits, form(field("model_id", "x"), "image", PNG))).isEqualTo(422);
    assertThat(refused(edits, form("", "picture", PNG))).isEqualTo(422);
  }

  @Test
  void billsAVideoByItsFrames() {
    Job job = job(new ImageToVideo(FORMS), form(field("width", "100"), "image", PNG));

    assertThat(job.estimate().most())
        .isEqualTo(
            Units.of(Unit.REQUESTS, 1)
                .with(Unit.PIXELS, 100L * 576 * 25)
                .with(Unit.GENERATIONS, 1));
    assertThat(text(job)).contains("name=\"height\"\r\n\r\n576\r\n");
  }

  @Test
  void billsARecordingByItsLength() {
    AudioToText audio = AudioToText.nativePath(FORMS, 64_000);

    Job job = job(audio, form("", "audio", Samples.wav(3)));

    assertThat(job.measured(answer("{'text':''}"), NOTHING).get(Unit.MILLISECONDS))
        .isEqualTo(3_000);
    assertThat(
            refused(
                audio,
                form("", "audio", "not a recording at all".getBytes(StandardCharsets.US_ASCII))))
        .isEqualTo(415);
    assertThat(audio.isComplete(answer("{'text':'x'}"))).isTrue();
    assertThat(audio.isComplete(answer("{'text':7}"))).isFalse();
  }

  @Test
  void leavesTheLengthOfARecordingOpenThatComesInPieces() {
    AudioToText audio = AudioToText.nativePath(FORMS, 64_000);
    Buffer beginning = begun("", "audio", Samples.wav(3));

    Job open = FORMS.parse(audio, "B", -1, new Upload.Beginning(beginning, false)).job().apply("m");
    Job declared =
        FORMS
            .parse(audio, "B", beginning.length(), new Upload.Beginning(beginning.copy(), false))
            .job()
            .apply("m");

    assertThat(open.estimate().open()).contains(Unit.MILLISECONDS);
    assertThat(((Body.Streamed) open.outgoing().body()).length()).isEqualTo(-1);
    assertThat(declared.estimate().open()).isEmpty();
    assertThat(declared.estimate().expected()).isPresent();
  }
}
