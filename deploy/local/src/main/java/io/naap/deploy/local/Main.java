package io.naap.deploy.local;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What {@code ./naap} calls: {@code up}, {@code demo}, {@code token}, {@code audit}, {@code
 * verify}.
 */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) throws InterruptedException {
    System.exit(run(arguments));
  }

  private static int run(String... arguments) throws InterruptedException {
    Path root = Path.of(System.getProperty("naap.root", ".")).toAbsolutePath().normalize();
    String command = arguments.length == 0 ? "" : arguments[0];
    try {
      // `token` may name whose token is wanted, `audit` a file, and `verify` what.
      String who =
          (command.equals("token") || command.equals("audit") || command.equals("verify"))
                  && arguments.length > 1
                  && !arguments[1].startsWith("--")
              ? arguments[1]
              : "";
      int options = (who.isEmpty() ? 1 : 2);
      Options parsed =
          Options.parse(
              Path.of(System.getProperty("user.home")),
              Arrays.copyOfRange(arguments, Math.min(options, arguments.length), arguments.length));
      return switch (command) {
        case "up" -> Up.run(root, parsed);
        case "demo" -> Demo.run(root, parsed);
        case "token" -> token(parsed, who);
        case "audit" -> audit(parsed, who);
        case "verify" -> verify(parsed, who);
        default -> {
          System.err.println("unknown command \"" + command + "\"");
          yield 2;
        }
      };
    } catch (IllegalArgumentException wrong) {
      System.err.println("naap: " + wrong.getMessage());
      return 2;
    } catch (java.io.UncheckedIOException cannot) {
      System.err.println("naap: " + cannot.getCause());
      return 1;
    } catch (IOException cannot) {
      System.err.println("naap: " + cannot);
      return 1;
    } catch (IllegalStateException cannot) {
      System.err.println("naap: " + cannot.getMessage());
      return 1;
    }
  }

  /** Checks the audit log of the platform that runs on the folder, or an export in a file. */
  private static int audit(Options options, String file) throws IOException {
    AuditCheck check = new AuditCheck(System.out);
    if (!file.isEmpty()) {
      return check.run(Files.newBufferedReader(Path.of(file)), options.head());
    }
    Running running = running(options);
    Api api = new Api(running.origin());
    String token = api.signIn(running.operator()).accessToken();
    return check.run(
        new StringReader(api.get("/v1/audit/export", token).expect(200).text()), options.head());
  }

  /** Checks the books of the platform that runs on the folder. */
  private static int verify(Options options, String what) {
    if (!what.isEmpty() && !what.equals("ledger")) {
      throw new IllegalArgumentException("verify takes \"ledger\"");
    }
    Running running = running(options);
    Api api = new Api(running.origin());
    String token = api.signIn(running.operator()).accessToken();
    return new LedgerCheck(System.out)
        .run(api.get("/v1/reconciliation/verification", token).expect(200).json());
  }

  private static Running running(Options options) {
    return Running.find(options)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "no platform runs on " + options.data() + "; start one with ./naap up"));
  }

  /** Prints a fresh access token of the platform that runs on the folder. */
  private static int token(Options options, String who) {
    Running running = running(options);
    if (who.equals("sdk")) {
      Api api = new Api(running.origin());
      String bearer = api.signIn(running.demo()).accessToken();
      System.out.println(
          api.post("/v1/payments/signer-tokens", bearer, "{\"name\":\"./naap token sdk\"}")
              .expect(201)
              .json()
              .path("sdk_token")
              .asText());
      return 0;
    }
    Wallet wallet =
        switch (who) {
          case "", "operator" -> running.operator();
          case "demo" -> running.demo();
          default ->
              throw new IllegalArgumentException("token takes \"operator\", \"demo\" or \"sdk\"");
        };
    System.out.println(new Api(running.origin()).signIn(wallet).accessToken());
    return 0;
  }
}
