package io.naap.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
  @Test
  void keepsDataInTheHomeFolderUnlessTold() {
    assertThat(Options.parse(Path.of("/home/a")).data()).isEqualTo(Path.of("/home/a/.naap"));
    assertThat(Options.parse(Path.of("/home/a"), "--data", "/x").data()).isEqualTo(Path.of("/x"));
  }

  @Test
  void movesEveryPortTogether() {
    Ports ports = Options.parse(Path.of("/"), "--port-base", "20000").ports();

    assertThat(ports.byName().values())
        .allMatch(port -> port >= 20_000 && port < 20_030)
        .doesNotHaveDuplicates();
    assertThat(Ports.usual().byName().values()).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource({
    "--port-base,80",
    "--port-base,x",
    "--gateway,localhost",
    "--nonsense,1",
    "--redis,http://a"
  })
  void saysWhatToChange(String option, String value) {
    assertThatThrownBy(() -> Options.parse(Path.of("/"), option, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(option);
  }

  @Test
  void namesThePortThatIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      Ports ports = new Ports(taken.getLocalPort(), 2, 3, 4, 5, 6, 7, 8);

      assertThat(ports.taken()).containsKey("origin");
      assertThat(ports.taken().get("origin")).contains("port " + taken.getLocalPort());
    }
  }
}
