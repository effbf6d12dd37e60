package io.naap.deploy.bench.router;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs of Debian, downloaded and unpacked beside the build; nothing is installed. */
record DebianPackages(Path root) {
  private static final List<String> NAMES =
      List.of(
          "nginx",
          "libnginx-mod-http-lua",
          "libnginx-mod-http-ndk",
          "lua-resty-core",
          "lua-resty-lrucache",
          "lua-nginx-redis",
          "libluajit2-5.1-2",
          "libluajit2-5.1-common",
          "libpcre3",
          "wrk");

  /** Downloads what is not there yet. */
  static DebianPackages unpacked(Path folder) throws IOException, InterruptedException {
    DebianPackages packages = new DebianPackages(folder.toAbsolutePath());
    if (!Files.isExecutable(packages.wrk()) || !Files.isExecutable(packages.nginx())) {
      Files.createDirectories(folder);
      List<String> download = new ArrayList<>(List.of("apt-get", "-q", "download"));
      download.addAll(NAMES);
      if (!packages.run(download)) {
        packages.run(List.of("apt-get", "-q", "update"));
        packages.run(download);
      }
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(name -> name.toString().endsWith(".deb")).toList()) {
          packages.run(List.of("dpkg-deb", "-x", file.toString(), "."));
        }
      }
    }
    if (!Files.isExecutable(packages.wrk()) || !Files.isExecutable(packages.nginx())) {
      throw new IllegalStateException(
          "the peers nginx and wrk come from Debian's packages, which apt-get cannot download here");
    }
    return packages;
  }

  Path nginx() {
    return root.resolve("usr/sbin/nginx");
  }

  Path wrk() {
    return root.resolve("usr/bin/wrk");
  }

  /** Where the programs' libraries are. */
  String libraries() throws IOException {
    try (Stream<Path> folders = Files.walk(root, 4)) {
      return folders
          .filter(Files::isDirectory)
          .filter(folder -> folder.getFileName().toString().endsWith("-linux-gnu"))
          .map(Path::toString)
          .reduce((one, two) -> one + ":" + two)
          .orElse("");
    }
  }

  private boolean run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    boolean isDone = process.waitFor(180, TimeUnit.SECONDS);
    process.destroyForcibly();
    return isDone && process.exitValue() == 0;
  }
}
