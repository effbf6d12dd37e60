package io.naap.contracts.edge;

import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Function;

/**
 * A rule for the request bodies of one path, in place of the service's default.
 *
 * @param path the exact path, or all paths below it when it ends in a slash
 * @param mostBytes the most bytes of a body; 0 when no body is read
 * @param judge checks the request before its body is read; fails with the refusal
 */
public record BodyRule(String path, long mostBytes, Function<RoutingContext, Uni<Void>> judge) {
  public BodyRule {
    if (!path.startsWith("/") || mostBytes < 0) {
      throw new IllegalArgumentException("a body's rule needs a path and a limit");
    }
  }

  /** A rule that only lowers the size limit. */
  public static BodyRule atMost(String path, long mostBytes) {
    return new BodyRule(path, mostBytes, context -> Uni.createFrom().voidItem());
  }

  /** A rule for paths whose resources take no body. */
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

  /** The rules of a service; the first rule that matches applies. */
  public interface Table {
    java.util.List<BodyRule> rules();
  }
}
