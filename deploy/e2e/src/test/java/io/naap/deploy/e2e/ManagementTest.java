package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.deploy.local.Api;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManagementTest {
  @ParameterizedTest
  @ValueSource(strings = {"auth", "keys", "metering", "router", "clearinghouse"})
  void answersHealthAndMetricsOnTheManagementPortOnly(String service) {
    Api management = new Api(Started.platform().management(service));
    Api direct = new Api(Started.platform().direct(service));

    assertThat(management.get("/q/health/ready", null).expect(200).text()).contains("UP");
    assertThat(management.get("/q/metrics", null).expect(200).text()).contains("jvm_memory");
    assertThat(direct.get("/q/health/ready", null).status()).isEqualTo(404);
    assertThat(direct.get("/q/metrics", null).status()).isEqualTo(404);
    assertThat(new Api(Started.platform().origin()).get("/q/health/ready", null).status())
        .isEqualTo(404);
  }
}
