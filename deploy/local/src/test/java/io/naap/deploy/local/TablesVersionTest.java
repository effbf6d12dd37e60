package io.naap.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TablesVersionTest {
  @TempDir Path data;

  @Test
  void takesANewFolderAndTheSameFolderAgain() throws IOException {
    TablesVersion.check(data);
    Files.createDirectory(data.resolve("postgres"));

    assertThatCode(() -> TablesVersion.check(data)).doesNotThrowAnyException();
  }

  @Test
  void refusesAFolderOfAnOlderVersionInOneLineAndLeavesItAsItIs() throws IOException {
    Path tables = Files.createDirectory(data.resolve("postgres"));
    Files.writeString(tables.resolve("PG_VERSION"), "17");

    assertThatThrownBy(() -> TablesVersion.check(data))
        .hasMessageContaining("--fresh")
        .hasMessageContaining(data.toString())
        .hasMessageNotContaining("\n");
    assertThat(tables.resolve("PG_VERSION")).hasContent("17");
    assertThat(data.resolve("tables-version")).doesNotExist();
  }
}
