package io.naap.router.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitOverridesTest {
  private static final Policy RPM = new Policy(Policy.Owner.TENANT, Policy.Kind.RPM, "", 60);

  @Test
  void setAnotherLimitForThoseTheyNameAndTheFirstCounts() {
    LimitOverrides overrides =
        LimitOverrides.read(
            """
            - {policy: tenant-rpm, tenant: ten_1, key: key_2, limit: 5}
            - {policy: tenant-rpm, tenant: ten_1, limit: 10}
            - {policy: tenant-rpm, limit: 600}
            - {policy: plan-rpm, limit: 1}
            """,
            Set.of());

    assertThat(overrides.of(RPM, "ten_1", "key_2").limit()).isEqualTo(5);
    assertThat(overrides.of(RPM, "ten_1", "key_1").limit()).isEqualTo(10);
    assertThat(overrides.of(RPM, "ten_2", "key_2").limit()).isEqualTo(600);
    assertThat(overrides.of(RPM, "ten_2", "key_2").kind()).isEqualTo(Policy.Kind.RPM);
    assertThat(overrides.isShadow(RPM, "ten_1", "key_1")).isFalse();
  }

  @Test
  void putAPolicyInShadowForThoseTheyName() {
    LimitOverrides overrides =
        LimitOverrides.read(
            "- {policy: tenant-rpm, tenant: ten_1, shadow: true}", Set.of("key-rpm"));

    assertThat(overrides.isShadow(RPM, "ten_1", "key_1")).isTrue();
    assertThat(overrides.isShadow(RPM, "ten_2", "key_1")).isFalse();
    assertThat(overrides.of(RPM, "ten_1", "key_1").limit()).isEqualTo(60);
    assertThat(
            overrides.isShadow(
                new Policy(Policy.Owner.KEY, Policy.Kind.RPM, "", 1), "ten_2", "key_1"))
        .isTrue();
  }

  @Test
  void mayBeEmpty() {
    assertThat(LimitOverrides.read("", Set.of()).all()).isEmpty();
    assertThat(LimitOverrides.read("[]", Set.of()).hasShadows()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          policy: key-rpm                           | overrides are a list
          - {policy: rpm, limit: 1}                 | override 1: policy must be
          - {policy: key-rpm}                       | override 1: give a limit, or shadow: true
          - {policy: key-rpm, limit: 1, shadow: true} | override 1: give a limit, or shadow: true
          - {policy: key-rpm, limit: -1}            | override 1: limit must be a whole number
          - {policy: key-rpm, limit: 1.5}           | override 1: limit must be a whole number
          - {policy: key-rpm, limit: 1, tenants: x} | override 1: there is no field "tenants"
          - {policy: [                              | not YAML
          """)
  void areRefusedWithWhatIsWrong(String yaml, String said) {
    assertThatThrownBy(() -> LimitOverrides.read(yaml, Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(said);
  }
}
