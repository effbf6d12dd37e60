package io.naap.contracts.testing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
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
}
