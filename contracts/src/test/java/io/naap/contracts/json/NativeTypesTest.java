package io.naap.contracts.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.NativeTypes;
import io.naap.contracts.testing.NativeRegistration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NativeTypesTest {
  private static final Set<String> JSON_PACKAGES =
      Set.of("clearing", "events", "keys", "metering", "money", "rating", "problem");

  /** Types that stay in memory and never become JSON. */
  private static final Set<String> NOT_JSON =
      Set.of(
          "AdmissionFunds",
          "ApiKey",
          "Rated",
          "Rated$Priced",
          "Rated$NoPrice",
          "Rated$Line",
          "Refusal");

  @Test
  void registersEveryRecordOfTheJsonPackages() throws IOException {
    Set<String> registered =
        Set.of(
                NativeTypes.class
                    .getAnnotation(io.quarkus.runtime.annotations.RegisterForReflection.class)
                    .targets())
            .stream()
            .map(Class::getName)
            .collect(Collectors.toSet());

    try (Stream<Path> files = Files.walk(Path.of("target/classes/io/naap/contracts"))) {
      Set<String> records =
          files
              .map(Path::toString)
              .filter(file -> file.endsWith(".class"))
              .filter(file -> JSON_PACKAGES.stream().anyMatch(p -> file.contains("/" + p + "/")))
              .map(file -> file.replaceAll("^target/classes/|\\.class$", "").replace('/', '.'))
              .filter(name -> !NOT_JSON.contains(name.substring(name.lastIndexOf('.') + 1)))
              .filter(NativeTypesTest::isData)
              .collect(Collectors.toSet());

      assertThat(records).isNotEmpty();
      assertThat(registered).containsAll(records);
    }
  }

  @Test
  void findsNothingMissingInItsOwnCode() {
    assertThat(NativeRegistration.missing(Path.of("target/classes"))).isEmpty();
  }

  private static boolean isData(String name) {
    try {
      Class<?> type = Class.forName(name);
      return type.isRecord() || type.isEnum();
    } catch (ClassNotFoundException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
