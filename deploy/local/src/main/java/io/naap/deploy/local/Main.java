package io.naap.deploy.local;

import java.nio.file.Path;
import java.util.Arrays;

/** What {@code ./naap} calls: {@code up}, {@code demo}, {@code token}. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) throws InterruptedException {
    System.exit(run(arguments));
  }

  private static int run(String... arguments) throws InterruptedException {
    Path root = Path.of(System.getProperty("naap.root", ".")).toAbsolutePath().normalize();
    String command = arguments.length == 0 ? "" : arguments[0];
    try {
      Options options =
          Options.parse(
              Path.of(System.getProperty("user.home")),
              Arrays.copyOfRange(arguments, Math.min(1, arguments.length), arguments.length));
      return switch (command) {
        case "up" -> Up.run(root, options);
        case "demo" -> Demo.run(root, options);
        case "token" -> token(options);
        default -> {
          System.err.println("unknown command \"" + command + "\"");
          yield 2;
        }
      };
    } catch (IllegalArgumentException wrong) {
      System.err.println("naap: " + wrong.getMessage());
      return 2;
    } catch (IllegalStateException cannot) {
      System.err.println("naap: " + cannot.getMessage());
      return 1;
    }
  }

  /** Prints a fresh operator token of the platform that runs on the folder. */
  private static int token(Options options) {
    Running running =
        Running.find(options)
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "no platform runs on " + options.data() + "; start one with ./naap up"));
    System.out.println(new Api(running.origin()).signIn(running.operator()).accessToken());
    return 0;
  }
}
