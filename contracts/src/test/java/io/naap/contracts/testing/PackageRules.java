package io.naap.contracts.testing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigMappings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Checks those rules of CONTRIBUTING.md that the compiled classes of a module show. Each module has
 * a test class that extends this one.
 */
public abstract class PackageRules {
  /** Suffixes of the names of classes that may use HTTP. */
  private static final Set<String> HTTP =
      Set.of("Resource", "Parameters", "Client", "Answers", "Mappers", "Filter", "Bodies");

  private static final List<String> FORBIDDEN_PACKAGES =
      List.of(
          "controller",
          "service",
          "impl",
          "dto",
          "model",
          "entity",
          "mapper",
          "exception",
          "util",
          "utils",
          "helper",
          "common",
          "base",
          "manager");

  private static final List<String> FORBIDDEN_ENDINGS =
      List.of("Manager", "Helper", "Util", "Utils", "Impl", "Dto", "Processor", "Controller");

  private static final Path CONFIGURATION = Path.of("docs/configuration.md");
  private static final Pattern ROW = Pattern.compile("^\\| `([^`]+)` \\|");

  private final JavaClasses classes;
  private final Set<String> speakHttp;

  /**
   * Reads the compiled classes of the module.
   *
   * @param speakHttp simple names of further classes that may use {@code jakarta.ws.rs}
   */
  protected PackageRules(String... speakHttp) {
    this.classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPath(Path.of("target/classes"));
    this.speakHttp = Set.of(speakHttp);
  }

  @Test
  void packagesDoNotDependOnEachOtherInACircle() {
    slices().matching("io.naap.(**)").should().beFreeOfCycles().check(classes);
  }

  @Test
  void resourcesRunNoSql() {
    noClasses()
        .that()
        .haveSimpleNameEndingWith("Resource")
        .should()
        .callMethodWhere(
            DescribedPredicate.describe(
                "runs SQL",
                call ->
                    call.getTargetOwner().getFullName().equals("io.naap.store.Tx")
                        && Set.of("query", "one", "change", "send").contains(call.getName())))
        .allowEmptyShould(true)
        .check(classes);
  }

  @Test
  void onlyTheEdgeSpeaksHttp() {
    noClasses()
        .that(
            DescribedPredicate.<JavaClass>describe(
                "are not at the edge", one -> !isAtTheEdge(outermost(one).getSimpleName())))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jakarta.ws.rs..")
        .allowEmptyShould(true)
        .check(classes);
  }

  private boolean isAtTheEdge(String name) {
    return speakHttp.contains(name) || HTTP.stream().anyMatch(name::endsWith);
  }

  private static JavaClass outermost(JavaClass one) {
    return one.getEnclosingClass().map(PackageRules::outermost).orElse(one);
  }

  @Test
  void packagesAndClassesAreNamedForWhatTheyAre() {
    noClasses()
        .that(
            DescribedPredicate.<JavaClass>describe(
                "are ours", one -> one.getPackageName().startsWith("io.naap")))
        .should()
        .resideInAnyPackage(
            FORBIDDEN_PACKAGES.stream().map(name -> ".." + name + "..").toArray(String[]::new))
        .check(classes);
    for (String ending : FORBIDDEN_ENDINGS) {
      noClasses().should().haveSimpleNameEndingWith(ending).check(classes);
    }
  }

  /** The module's configuration table names every property, and no other. */
  @Test
  void theConfigurationTableHasEveryProperty() throws IOException {
    Set<String> properties = new TreeSet<>();
    for (JavaClass type : classes) {
      if (type.isAnnotatedWith(ConfigMapping.class)) {
        String prefix = type.getAnnotationOfType(ConfigMapping.class).prefix();
        properties.addAll(properties(type.reflect(), prefix));
      }
    }
    Set<String> table = new TreeSet<>();
    if (Files.exists(CONFIGURATION)) {
      for (String line : Files.readAllLines(CONFIGURATION)) {
        Matcher row = ROW.matcher(line);
        if (row.find()) {
          table.add(row.group(1));
        }
      }
    }

    assertThat(table).isEqualTo(properties);
  }

  /** Names of the properties, with {@code <name>} for the key of a map. */
  private static List<String> properties(Class<?> type, String prefix) {
    return ConfigMappings.getProperties(ConfigMappings.ConfigClass.configClass(type, prefix))
        .entrySet()
        .stream()
        .filter(
            property ->
                property.getValue().isLeaf()
                    || property.getValue().isPrimitive()
                    || property.getKey().endsWith("*"))
        .map(property -> property.getKey().replace("*", "<name>").replaceAll("\\[.*", ""))
        .distinct()
        .toList();
  }
}
