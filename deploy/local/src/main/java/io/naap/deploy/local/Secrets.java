package io.naap.deploy.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.Supplier;

/** Secrets of this installation: made once, kept in files only their owner may read. */
final class Secrets {
  private final Path folder;
  private final SecureRandom random = new SecureRandom();

  Secrets(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
      if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** A token of 256 random bits that is safe in URLs and headers. */
  String token(String name) {
    return kept(name, () -> Base64.getUrlEncoder().withoutPadding().encodeToString(randomBytes()));
  }

  /** 32 random bytes in base 64. */
  String key(String name) {
    return kept(name, () -> Base64.getEncoder().encodeToString(randomBytes()));
  }

  /** 32 random bytes in hexadecimal: a private key, with all but certainty a valid one. */
  String hex(String name) {
    return kept(name, () -> HexFormat.of().formatHex(randomBytes()));
  }

  /** The file of a secret that has been made. */
  Path file(String name) {
    return folder.resolve(name);
  }

  /** Reads a secret, or makes, stores and returns it. */
  String kept(String name, Supplier<String> made) {
    Path file = file(name);
    try {
      if (Files.exists(file)) {
        return Files.readString(file).strip();
      }
      String secret = made.get();
      write(file, secret);
      return secret;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Writes a file that only its owner may read. */
  static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.deleteIfExists(file);
    if (Files.getFileStore(file.getParent()).supportsFileAttributeView("posix")) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.writeString(file, text);
  }

  private byte[] randomBytes() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return bytes;
  }
}
