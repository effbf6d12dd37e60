package io.naap.contracts.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonScanTest {
  private static final JsonLimits LIMITS = new JsonLimits(4, 20, 20, 10, 40);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"a\": [1, -2.5e3, true, null], \"\\u00e9\\ud83d\\ude00\": \"\\\\\\\"\"}",
        "[[[[]]]]",
        " \t\r\n\"text\" ",
        "{\"a\":1,\"b\":{\"c\":[\"\u00e9\u20ac\ud83d\ude00\"]}}"
      })
  void takesPlainJson(String json) {
    assertThat(scan(json)).isInstanceOf(JsonScan.Result.Fine.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[[[[]]]]]",
        "[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0]",
        "{\"a name of more than twenty\":1}",
        "[12345678901]",
        "[\"a text that is longer than forty bytes are\"]",
        "[1e309]",
        "[1E+999999]"
      })
  void refusesWhatIsBeyondALimit(String json) {
    assertThat(scan(json)).isInstanceOf(JsonScan.Result.TooComplex.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\ufeff{}",
        "{\"a\":\"\\ud83d\"}",
        "{\"a\":\"\\ude00\"}",
        "{\"\\ud83dx\":1}",
        "{\"a\":\u00a01}",
        "{\"a\":\u0000}",
        "\"no end",
        "[#]"
      })
  void refusesWhatIsNotJsonInUtf8(String json) {
    assertThat(scan(json)).isInstanceOf(JsonScan.Result.Malformed.class);
  }

  @Test
  void refusesOtherEncodings() {
    for (var charset :
        new java.nio.charset.Charset[] {
          StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16
        }) {
      byte[] text = "{\"a\":1}".getBytes(charset);
      assertThat(JsonScan.scan(text, text.length, LIMITS))
          .isInstanceOf(JsonScan.Result.Malformed.class);
    }
  }

  @Test
  void refusesAnOverlongNameThatAnotherParserDoesNotSee() {
    byte[] json = "{\"wiXYth\":1}".getBytes(StandardCharsets.ISO_8859_1);
    json[4] = (byte) 0xc1;
    json[5] = (byte) 0xa4;

    assertThat(JsonScan.scan(json, json.length, LIMITS))
        .isInstanceOf(JsonScan.Result.Malformed.class);
  }

  @Property(tries = 20_000)
  void agreesWithTheStrictDecoderOnWhatIsUtf8(@ForAll @Size(max = 6) byte[] bytes) {
    assertThat(Utf8.isWellFormed(bytes)).isEqualTo(isDecodable(bytes));
  }

  @Property(tries = 20_000)
  void agreesWithTheStrictDecoderNearTheEdges(@ForAll("leads") byte[] bytes) {
    assertThat(Utf8.isWellFormed(bytes)).isEqualTo(isDecodable(bytes));
  }

  @net.jqwik.api.Provide
  net.jqwik.api.Arbitrary<byte[]> leads() {
    return net.jqwik.api.Arbitraries.of(
            0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff, 0x7f,
            0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf)
        .map(Integer::byteValue)
        .array(byte[].class)
        .ofMinSize(1)
        .ofMaxSize(5);
  }

  private static boolean isDecodable(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException malformed) {
      return false;
    }
  }

  private static JsonScan.Result scan(String json) {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    return JsonScan.scan(text, text.length, LIMITS);
  }
}
