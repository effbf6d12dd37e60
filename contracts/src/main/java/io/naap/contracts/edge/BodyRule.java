package io.naap.contracts.edge;

import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Function;

/**
 * What holds for the bodies of a path of ours, where it is not what holds for all.
 *
 * @param path exactly, or all below it when it ends in a slash
 * @param mostBytes of a body; 0 when none is read
 * @param judge what can be judged without the body; it fails with the refusal
 */
public record BodyRule(String path, long mostBytes, Function<RoutingContext, Uni<Void>> judge) {
  public BodyRule {
    if (!path.startsWith("/") || mostBytes < 0) {
      throw new IllegalArgumentException("a body's rule needs a path and a limit");
    }
  }

  /** Only less bytes. */
  public static BodyRule atMost(String path, long mostBytes) {
    return new BodyRule(path, mostBytes, context -> Uni.createFrom().voidItem());
  }

  /** No resource there takes a body. */
  public static BodyRule unread(String path) {
    return atMost(path, 0);
  }

  boolean isUnread() {
    return mostBytes == 0;
  }

  boolean matches(String requested) {
    return path.endsWith("/")
        ? requested.startsWith(path)
            || (path.length() == requested.length() + 1 && path.startsWith(requested))
        : requested.equals(path);
  }

  /** A service's own rules; the first that matches counts. */
  public interface Table {
    java.util.List<BodyRule> rules();
  }
}
