package io.naap.clearinghouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.testing.NativeRegistration;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NativeTypesTest {
  @Test
  void everyRecordThatCrossesJsonIsRegistered() {
    assertThat(NativeRegistration.missing(Path.of("target/classes"))).isEmpty();
  }

  @Test
  void everythingThatCrossesJniIsRegistered() {
    assertThat(NativeRegistration.missingForJni(Path.of("target/classes"))).isEmpty();
  }
}
