package io.naap.deploy.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The table of public paths, {@code k8s/naap/paths.yaml}. */
record PathTable(List<Entry> entries) {
  PathTable {
    entries =
        entries.stream()
            .sorted(Comparator.comparingInt((Entry entry) -> entry.path().length()).reversed())
            .toList();
  }

  /** One path; everything below it too, unless it is exact. */
  record Entry(String path, Service service, boolean exact) {
    boolean matches(String requested) {
      return requested.equals(path)
          || (!exact && requested.startsWith(path) && requested.charAt(path.length()) == '/');
    }
  }

  static PathTable read(Path file) {
    try {
      List<Entry> entries = new ArrayList<>();
      for (JsonNode entry : new YAMLMapper().readTree(Files.readString(file)).path("paths")) {
        entries.add(
            new Entry(
                entry.path("path").asText(),
                Service.valueOf(entry.path("service").asText().toUpperCase(Locale.ROOT)),
                entry.path("exact").asBoolean(false)));
      }
      return new PathTable(entries);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** Who answers a path; empty when it is not public. */
  Optional<Service> serviceOf(String path) {
    return entries.stream().filter(entry -> entry.matches(path)).map(Entry::service).findFirst();
  }
}
