package io.naap.clearinghouse.wallet;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever gets a heap dump of the signer finds the key in no text. */
class HeapTest {
  @TempDir Path directory;

  @Test
  void theKeyIsInNoStringOfAHeapDump() throws IOException {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    key[0] = 1;
    Path keystore = file("k", TestWallet.keystore("right", key, ""));
    Wallet wallet = Wallet.open(keystore, file("p", "right"));
    wallet.sign("a ticket".getBytes(StandardCharsets.US_ASCII));
    wallet.signTransaction(new byte[] {2, 1, 1});
    String marker = "a text that is found " + System.nanoTime();

    Path dump = directory.resolve("heap.hprof");
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpHeap(dump.toString(), true);

    assertThat(contains(dump, marker)).as("the search finds what is there").isTrue();
    String hex = HexFormat.of().formatHex(key);
    assertThat(contains(dump, hex)).isFalse();
    assertThat(contains(dump, hex.toUpperCase(Locale.ROOT))).isFalse();
    assertThat(wallet.toString()).doesNotContain(hex);
  }

  private Path file(String name, String text) throws IOException {
    Path file = Files.writeString(directory.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private static boolean contains(Path file, String text) throws IOException {
    byte[] wanted = text.getBytes(StandardCharsets.ISO_8859_1);
    byte[] window = new byte[1 << 20];
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      int kept = 0;
      for (int read = in.readNBytes(window, kept, window.length - kept);
          read > 0;
          read = in.readNBytes(window, kept, window.length - kept)) {
        int there = kept + read;
        for (int at = 0; at + wanted.length <= there; at++) {
          int same = 0;
          while (same < wanted.length && window[at + same] == wanted[same]) {
            same++;
          }
          if (same == wanted.length) {
            return true;
          }
        }
        kept = Math.min(there, wanted.length);
        System.arraycopy(window, there - kept, window, 0, kept);
      }
    }
    return false;
  }
}
