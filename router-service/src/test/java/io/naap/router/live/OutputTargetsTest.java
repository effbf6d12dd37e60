package io.naap.router.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.router.live.OutputTargets.Checked;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutputTargetsTest {
  private final OutputTargets targets =
      new OutputTargets(
          false,
          host ->
              switch (host) {
                case "live.example.com" -> addresses("93.184.216.34");
                case "six.example.com" -> addresses("2606:4700::1111");
                case "inside.example.com" -> addresses("10.1.2.3");
                case "both.example.com" -> addresses("93.184.216.34", "169.254.169.254");
                case "none.example.com" -> addresses();
                default -> InetAddress.getAllByName(host);
              });

  private static InetAddress[] addresses(String... literals) throws UnknownHostException {
    InetAddress[] all = new InetAddress[literals.length];
    for (int at = 0; at < literals.length; at++) {
      all[at] = InetAddress.getByName(literals[at]);
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({
    "rtmp://live.example.com/app/key, rtmp://93.184.216.34:1935/app/key",
    "rtmp://live.example.com:1936/app/key?a=b, rtmp://93.184.216.34:1936/app/key?a=b",
    "rtmp://six.example.com/app/key, rtmp://[2606:4700:0:0:0:0:0:1111]:1935/app/key",
    "rtmps://live.example.com/app/key, rtmps://live.example.com/app/key"
  })
  void tellsTheAddressThatWasChecked(String given, String told) {
    assertThat(targets.check(given)).isEqualTo(new Checked.Allowed(told));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rtmp://inside.example.com/a/b",
        "rtmp://both.example.com/a/b",
        "rtmp://none.example.com/a/b",
        "rtmps://inside.example.com/a/b",
        "rtmp://127.0.0.1/a/b",
        "rtmp://127.1/a/b",
        "rtmp://2130706433/a/b",
        "rtmp://0x7f000001/a/b",
        "rtmp://0177.0.0.1/a/b",
        "rtmp://[::1]/a/b",
        "rtmp://[::ffff:10.0.0.1]/a/b",
        "rtmp://[fd00::1]/a/b",
        "rtmp://[fe80::1%25eth0]/a/b",
        "rtmp://localhost/a/b",
        "rtmp://localhost./a/b",
        "RTMP://live.example.com/a/b",
        "file:/etc/cron.d/x",
        "file:///etc/passwd",
        "/etc/passwd",
        "pipe:1",
        "tcp://live.example.com:80",
        "http://live.example.com/a/b",
        "udp://live.example.com:1",
        "srt://live.example.com:1",
        "concat:rtmp://live.example.com/a/b",
        "tee:[f=flv]rtmp://live.example.com/a/b",
        "rtmp://live.example.com/a/b|file:/x",
        "rtmp://live.example.com/a/b,file:/x",
        "rtmp://live.example.com/a/b playpath=x conn=S:y",
        "rtmp://live.example.com/a/b\n-f null",
        "rtmp://live.example.com/a\\b",
        "rtmp://user:pass@live.example.com/a/b",
        "rtmp://live.example.com@127.0.0.1/a/b",
        "rtmp://live.example.com/a/b#c",
        "rtmp://live.example.com:0/a/b",
        "rtmp://live.example.com:65536/a/b",
        "rtmp://live.example.com:99999999999/a/b",
        "rtmp://live.example.com",
        "rtmp:live.example.com/a/b",
        "rtmp:///a/b",
        "rtmpt://live.example.com/a/b",
        "rtmp://%6c%6fcalhost/a/b",
        ""
      })
  void refusesEverythingElse(String url) {
    assertThat(targets.check(url)).isInstanceOf(Checked.Refused.class);
  }

  @Test
  void isBounded() {
    assertThat(targets.check("rtmp://live.example.com/" + "a".repeat(100_000)))
        .isInstanceOf(Checked.Refused.class);
  }
}
