package io.naap.router.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.naap.contracts.problem.Refusal;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What could be read in one way here and in another by the gateway. */
class MultipartHeadTest {
  private static final String FIELD = "--B~Content-Disposition: form-data; name=\"%s\"~~%s~";
  private static final String FILE =
      "--B~Content-Disposition: form-data; name=\"image\"; filename=\"a.png\"~"
          + "Content-Type: image/png~~PIXELS~--B--~";

  private static Buffer bytes(String text) {
    return Buffer.buffer(text.replace("~", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  private static MultipartHead read(String text) {
    return MultipartHead.read("B", bytes(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "multipart/form-data; boundary=B|B",
        "Multipart/Form-Data;boundary=\"B c\"|B c",
        "multipart/form-data; charset=utf-8; Boundary=B;|B"
      })
  void findsTheBoundary(String type, String boundary) {
    assertThat(MultipartHead.boundary(type)).isEqualTo(boundary);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-dataX; boundary=B",
        "multipart/form-data; boundary*0=A; boundary*1=B; boundary=C",
        "multipart/form-data; boundary=A; boundary=B",
        "multipart/form-data; x=\"\\\"; boundary=A; y=\"; boundary=B\\"
      })
  void refusesATypeWhoseBoundaryIsNotPlain(String type) {
    assertThatThrownBy(() -> MultipartHead.boundary(type))
        .isInstanceOf(Refusal.RefusedException.class);
  }

  @Test
  void aParameterThatEndsLikeBoundaryIsNone() {
    assertThat(MultipartHead.boundary("multipart/form-data; xboundary=A; boundary=B"))
        .isEqualTo("B");
    assertThat(MultipartHead.boundary("multipart/form-data; x=\"; boundary=A\"; boundary=B"))
        .isEqualTo("B");
  }

  @Test
  void readsFieldsAndTheBeginningOfTheFile() {
    MultipartHead form = read(FIELD.formatted("prompt", "a fox") + FILE);

    assertThat(form.fields()).isEqualTo(Map.of("prompt", "a fox"));
    assertThat(form.fileField()).isEqualTo("image");
    assertThat(form.file().toString()).startsWith("PIXELS");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "form-data;name=\"file\";filename=\"a.wav\"",
        "form-data; filename=\"name=\\\"x\\\".wav\"; name=\"file\"",
        "form-data; filename*=UTF-8''%C3%A9.wav; name=file",
        "form-data; name=\"file\"; filename=\"C:\\a.wav\""
      })
  void renamesAFileHoweverItsFieldIsWritten(String disposition) {
    Buffer body = bytes("--B~Content-Disposition: " + disposition + "~~SOUND~--B--~");
    MultipartHead form = MultipartHead.readWhole("B", body);

    Buffer written = form.writtenWhole(Map.of(), "audio");

    assertThat(form.file().toString()).isEqualTo("SOUND");
    assertThat(MultipartHead.readWhole("B", written).fileField()).isEqualTo("audio");
    assertThat(MultipartHead.readWhole("B", written).file().toString()).isEqualTo("SOUND");
  }

  @Test
  void writesWhatWasReadAndNothingElse() {
    MultipartHead form =
        MultipartHead.readWhole(
            "B",
            bytes(
                "--B~X-Other: 1~content-disposition: Form-Data ;NAME=prompt; filename=\"\"~~a fox~"
                    + "--B~Content-Disposition: form-data; name=image; filename=\"a\\\"b.png\"~~PIX~"
                    + "--B~Content-Disposition: form-data; name=\"seed\"~~7~--B--~"));

    assertThat(form.writtenWhole(Map.of("width", "64"), "image").toString())
        .isEqualTo(
            bytes(
                    "--B~Content-Disposition: form-data; name=\"width\"~~64~"
                        + "--B~Content-Disposition: form-data; name=\"prompt\"~~a fox~"
                        + "--B~Content-Disposition: form-data; name=\"seed\"~~7~"
                        + "--B~Content-Disposition: form-data; name=\"image\"; filename=\"file.png\"~"
                        + "Content-Type: application/octet-stream~~PIX~--B--~")
                .toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--B~Content-Disposition: form-data; name=\"width\"~~\u00c1\u00a4~",
        "--B~Content-Disposition: form-data; name=\"a\u00c1\u00a4\"~~1~",
        "--B~Content-Disposition: form-data; name=\"a\"; filename=\"\u00ed\u00a0\u0080\"~~1~",
        "--B~Content-Disposition: form-data; name=\"a\"~Content-Transfer-Encoding: base64~~MQ==~"
      })
  void refusesTextThatIsNotUtf8AndEncodedParts(String parts) {
    assertThatThrownBy(() -> read(parts + FILE)).isInstanceOf(Refusal.RefusedException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Width", "MODEL_ID", "num_Images_per_prompt"})
  void refusesAnotherSpellingOfAField(String name) {
    assertThatThrownBy(() -> read(FIELD.formatted(name, "1") + FILE))
        .isInstanceOf(Refusal.RefusedException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "~--B--",
        "~--B--~",
        "~--B~Content-Disposition: form-data; name=\"seed\"~~7~--B--~",
      })
  void letsATailThroughThatIsReadInOneWay(String tail) {
    for (int cut = 0; cut <= tail.length(); cut++) {
      MultipartTail watched = tail();
      watched.see(bytes("ELS" + tail.substring(0, cut)));
      watched.see(bytes(tail.substring(cut)));
      watched.end();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "~--B",
        "~--B~Content-Disposition: form-data; name=\"width\"~~8192~--B--~",
        "~--B~Content-Disposition: form-data; name=\"Width\"~~8192~--B--~",
        "~--B~Content-Disposition: form-data; name=\"prompt\"~~again~--B--~",
        "~--B~Content-Disposition: form-data; name=\"image\"; filename=\"b\"~~X~--B--~",
        "~--B \t~Content-Disposition: form-data; name=\"seed\"~~7~--B--~",
        "~--Bx~--B--~",
        "~--B--~--B~Content-Disposition: form-data; name=\"width\"~~1~--B--~",
        "~--B~Content-Disposition: form-data; name=\"seed\"~~\u00c0\u0080~--B--~"
      })
  void refusesATailThatIsNot(String tail) {
    for (int cut = 0; cut <= tail.length(); cut++) {
      String first = "ELS" + tail.substring(0, cut);
      String second = tail.substring(cut);
      assertThatThrownBy(
              () -> {
                MultipartTail watched = tail();
                watched.see(bytes(first));
                watched.see(bytes(second));
                watched.end();
              })
          .isInstanceOf(Refusal.RefusedException.class);
    }
  }

  @Test
  void keepsTheEndOfAFormUntilAllOfItIsThere() {
    String end = "\r\n--B--\r\n";
    for (int cut = 0; cut <= end.length(); cut++) {
      MultipartTail watched = tail();
      Buffer passed = Buffer.buffer().appendBuffer(watched.first());
      passed.appendBuffer(watched.see(bytes("ELS" + end.substring(0, cut))));
      passed.appendBuffer(watched.see(bytes(end.substring(cut))));

      assertThat(passed.toString()).as("cut at %d", cut).isEqualTo("PIXELS");
      assertThat(watched.end().toString()).isEqualTo(end);
    }
  }

  private static MultipartTail tail() {
    return new MultipartTail(
        read(
            FIELD.formatted("prompt", "a fox")
                + "--B~Content-Disposition: form-data; name=\"image\"; filename=\"a\"~~PIX"));
  }

  @Test
  void aPartWithAnEmptyFileNameIsAField() {
    MultipartHead form =
        read("--B~Content-Disposition: form-data; name=\"width\"; filename=\"\"~~64~" + FILE);

    assertThat(form.fields()).isEqualTo(Map.of("width", "64"));
    assertThat(form.fileField()).isEqualTo("image");
  }

  @Test
  void aNameIsReadWhereTheGatewayReadsIt() {
    assertThat(
            read("--B~Content-Type: text/plain; name=\"decoy\"~"
                    + "Content-Disposition: form-data; name=\"width\"~~8192~"
                    + FILE)
                .fields())
        .isEqualTo(Map.of("width", "8192"));
  }

  @Test
  void aFieldThatIsCalledFilenameIsAField() {
    assertThat(read(FIELD.formatted("filename", "x") + FILE).fileField()).isEqualTo("image");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Another kind of part: nothing to the gateway.
        "--B~Content-Disposition: attachment; name=\"width\"~~1~",
        // Two names.
        "--B~Content-Disposition: form-data; name=\"a\"~"
            + "Content-Disposition: form-data; name=\"width\"~~1~",
        "--B~Content-Disposition: form-data; name=\"a\"; name=\"width\"~~1~",
        "--B~Content-Disposition: form-data; name=\"a\"; name*=utf-8''width~~1~",
        // A file's name that the gateway cannot read makes a field.
        "--B~Content-Disposition: form-data; name=\"width\"; filename*=x~~8192~",
        // Headers that end earlier for the gateway.
        "--B~Content-Disposition: form-data; name=\"a\"\n\n1\r\n--B~X: 1~~1~",
        "--B~Content-Disposition: form-data; name=\"a\"~ folded~~1~",
        // Encoded.
        "--B~Content-Disposition: form-data; name=\"image\"; filename=\"a\"~"
            + "Content-Transfer-Encoding: Quoted-Printable~~=89PNG~",
        // A boundary that is none to the gateway, and one where it sees one.
        "--B~Content-Disposition: form-data; name=\"a\"~~1~--Bxx~~~",
        "--B~Content-Disposition: form-data; name=\"a\"~~--B~"
            + "Content-Disposition: form-data; name=\"width\"~~8192~"
      })
  void refusesWhatTheGatewayReadsInAnotherWay(String parts) {
    assertThatThrownBy(() -> read(parts + FILE))
        .isInstanceOfSatisfying(
            Refusal.RefusedException.class,
            refused -> assertThat(refused.refusal().code()).isEqualTo("malformed_multipart"));
  }

  /** In a pattern that goes back, the first overflows the stack and the last takes seconds. */
  @ParameterizedTest
  @ValueSource(strings = {"; name=\"%s\"", "; filename=\"%s\"", "; name=%s", "%s"})
  void aLongHeaderIsReadInOneGo(String parameter) {
    for (String piece : List.of("x", "\\\\x", "; a=b", " ", "%%41", "*")) {
      String header = "form-data" + parameter.formatted(piece.repeat(64_000 / piece.length()));

      assertTimeout(
          Duration.ofSeconds(1),
          () ->
              assertThatThrownBy(() -> read("--B~Content-Disposition: " + header + "~~x~--B--~"))
                  .isInstanceOf(Refusal.RefusedException.class));
      assertTimeout(
          Duration.ofSeconds(1),
          () ->
              assertThatThrownBy(() -> MultipartHead.boundary("multipart/" + header))
                  .isInstanceOf(Refusal.RefusedException.class));
    }
  }
}
