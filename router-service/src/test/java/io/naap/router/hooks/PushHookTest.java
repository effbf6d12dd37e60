package io.naap.router.hooks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PushHookTest {
  @ParameterizedTest
  @CsvSource({
    "http://gw/live/ten_1-cam-ab/0.ts,ten_1-cam-ab",
    "rtmp://gw:1935/live/name?x=1,name",
    "http://gw/live/,''",
    "http://gw/other,''"
  })
  void readsTheStreamsNameFromThePushedAddress(String url, String name) {
    assertThat(PushHook.streamName(url)).isEqualTo(name);
  }
}
