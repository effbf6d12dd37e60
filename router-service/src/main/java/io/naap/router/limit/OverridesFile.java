package io.naap.router.limit;

import io.naap.router.file.WatchedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The operator's file of limit overrides. A file that cannot be read or is wrong changes nothing:
 * the last good overrides stay in force. One thread at a time.
 */
public final class OverridesFile {
  private static final Logger LOG = Logger.getLogger(OverridesFile.class);

  private final Set<String> alwaysShadow;
  private final Consumer<LimitOverrides> inForce;
  private final WatchedFile file;

  /**
   * Reads the file at once.
   *
   * @param alwaysShadow policies that are in shadow whatever the file says
   * @param inForce takes overrides that are to be in force from now on
   */
  public OverridesFile(Path path, Set<String> alwaysShadow, Consumer<LimitOverrides> inForce) {
    this.alwaysShadow = alwaysShadow;
    this.inForce = inForce;
    String text = "";
    try {
      text = Files.readString(path);
      take(text);
    } catch (IOException | IllegalArgumentException bad) {
      refused(bad);
    }
    file = new WatchedFile(path, text);
  }

  /** Takes the file's overrides if its content has changed. Blocks. */
  public void look() {
    try {
      file.changed().ifPresent(this::take);
    } catch (IOException | IllegalArgumentException bad) {
      refused(bad);
    }
  }

  private void take(String text) {
    LimitOverrides overrides = LimitOverrides.read(text, alwaysShadow);
    inForce.accept(overrides);
    LOG.infof("limit overrides are in force, count=%d", overrides.all().size());
  }

  private static void refused(Exception bad) {
    LOG.errorf(
        "the file of limit overrides is refused, the last good overrides stay: %s",
        bad.getMessage());
  }
}
