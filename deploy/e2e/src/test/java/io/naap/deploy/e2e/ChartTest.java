package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The chart, by the real Helm engine. */
@Execution(ExecutionMode.CONCURRENT)
class ChartTest {
  private static final Path CHART = Repository.ROOT.resolve("k8s/naap");
  private static final Path VALUES = Repository.ROOT.resolve("k8s/example-values.yaml");
  private static final Path RENDERED = Repository.ROOT.resolve("k8s/manifests.yaml");
  private static final Path NGINX = Repository.ROOT.resolve("deploy/nginx.conf");
  private static final Set<String> SERVICES =
      Set.of("auth", "keys", "metering", "router", "clearinghouse");

  /** The linter takes no values of its own, so it gets a copy of the chart that has them. */
  @Test
  void passesTheLinter(@TempDir Path folder) throws IOException {
    YAMLMapper yaml = new YAMLMapper();
    JsonNode values = yaml.readTree(Files.readString(CHART.resolve("values.yaml")));
    yaml.setDefaultMergeable(true);
    JsonNode merged = yaml.readerForUpdating(values).readTree(Files.readString(VALUES));
    try (Stream<Path> files = Files.walk(CHART)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve("naap").resolve(CHART.relativize(file)));
      }
    }
    Files.writeString(folder.resolve("naap/values.yaml"), yaml.writeValueAsString(merged));

    var linted = new Helm(folder.resolve("naap")).lint().strict().call();

    assertThat(linted.isFailed()).as(String.join("\n", linted.getMessages())).isFalse();
  }

  @Test
  void refusesValuesItDoesNotKnow() {
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () ->
                new Helm(CHART)
                    .template()
                    .withKubeVersion("1.31.0")
                    .withValuesFile(VALUES)
                    .set("replicaz", "3")
                    .call())
        .hasMessageContaining("replicaz");
  }

  @Test
  void rendersFiveServicesWithProbesOnTheManagementPort() throws IOException {
    List<JsonNode> objects = render();

    List<JsonNode> deployments = ofKind(objects, "Deployment");
    assertThat(deployments).hasSize(5);
    assertThat(ofKind(objects, "Service")).hasSize(5);
    for (JsonNode deployment : deployments) {
      JsonNode pod = deployment.at("/spec/template/spec");
      JsonNode container = pod.at("/containers/0");
      for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
        assertThat(container.at("/" + probe + "/httpGet/port").asText()).isEqualTo("management");
      }
      assertThat(container.at("/resources/requests/memory").asText()).isNotEmpty();
      assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean()).isTrue();
      assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true))
          .isFalse();
      assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
      assertThat(pod.at("/automountServiceAccountToken").asBoolean(true)).isFalse();
    }
  }

  @Test
  void holdsNoSecretOfItsOwn() throws IOException {
    assertThat(ofKind(render(), "Secret")).isEmpty();
  }

  @Test
  void rendersTheIngressFromTheOnePathTable() throws IOException {
    JsonNode table = new YAMLMapper().readTree(Files.readString(CHART.resolve("paths.yaml")));
    List<String> wanted = new ArrayList<>();
    for (JsonNode entry : table.path("paths")) {
      wanted.add(
          entry.path("path").asText()
              + " "
              + (entry.path("exact").asBoolean() ? "Exact" : "Prefix")
              + " release-name-"
              + entry.path("service").asText());
    }

    List<String> rendered = new ArrayList<>();
    for (JsonNode path : ofKind(render(), "Ingress").get(0).at("/spec/rules/0/http/paths")) {
      rendered.add(
          path.path("path").asText()
              + " "
              + path.path("pathType").asText()
              + " "
              + path.at("/backend/service/name").asText());
    }

    assertThat(rendered).isEqualTo(wanted);
  }

  @Test
  void isWhatTheCommittedManifestsWereRenderedFrom() throws IOException {
    String rendered =
        new Helm(CHART)
            .template()
            .withKubeVersion("1.31.0")
            .withValuesFile(VALUES)
            .withName("naap")
            .call();
    if ("1".equals(System.getenv("NAAP_WRITE_MANIFESTS"))) {
      Files.writeString(RENDERED, rendered);
    }

    assertThat(Files.readString(RENDERED)).isEqualTo(rendered);
  }

  @Test
  void givesDockerTheSamePathTable() throws IOException {
    JsonNode table = new YAMLMapper().readTree(Files.readString(CHART.resolve("paths.yaml")));
    String conf = NginxConf.of(table);
    if ("1".equals(System.getenv("NAAP_WRITE_MANIFESTS"))) {
      Files.writeString(NGINX, conf);
    }

    assertThat(Files.readString(NGINX)).isEqualTo(conf);
  }

  @Test
  void describesTheSameServicesForDocker() throws IOException {
    JsonNode compose =
        new YAMLMapper().readTree(Files.readString(Repository.ROOT.resolve("deploy/compose.yaml")));
    Set<String> names =
        compose.path("services").properties().stream()
            .map(java.util.Map.Entry::getKey)
            .collect(Collectors.toSet());

    assertThat(names).containsAll(SERVICES).contains("postgres", "redis", "origin");
  }

  private static List<JsonNode> render() throws IOException {
    String rendered =
        new Helm(CHART).template().withKubeVersion("1.31.0").withValuesFile(VALUES).call();
    List<JsonNode> objects = new ArrayList<>();
    var documents = new YAMLFactory().createParser(rendered);
    var values = new YAMLMapper().readValues(documents, JsonNode.class);
    while (values.hasNext()) {
      JsonNode object = values.next();
      if (object != null && object.isObject()) {
        objects.add(object);
      }
    }
    return objects;
  }

  private static List<JsonNode> ofKind(List<JsonNode> objects, String kind) {
    return objects.stream().filter(o -> o.path("kind").asText().equals(kind)).toList();
  }
}
