package io.naap.deploy.bench.router;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A closed loop: so many connections, each with its next request as soon as it has an answer. */
record Wrk(DebianPackages packages, Path folder) {
  private static final Pattern SUMMARY = Pattern.compile("RESULT (\\d+) (\\d+) (\\d+) (\\d+)");

  /**
   * What came of it.
   *
   * @param perSecond answers with status 200
   * @param answered all with status 200
   * @param failed every other answer, and connections that broke
   */
  record Result(double perSecond, long answered, long failed) {}

  /**
   * Runs for some seconds.
   *
   * @param keys taken in turn
   */
  Result run(Peer peer, int connections, int seconds, List<String> keys)
      throws IOException, InterruptedException {
    return run(peer, connections, seconds, keys, 0);
  }

  /** Sends each key once, and ends when all have been sent or the time is over. */
  Result once(Peer peer, int connections, int seconds, List<String> keys)
      throws IOException, InterruptedException {
    return run(peer, connections, seconds, keys, keys.size());
  }

  private Result run(Peer peer, int connections, int seconds, List<String> keys, int most)
      throws IOException, InterruptedException {
    Path names = folder.resolve("keys");
    Files.write(names, keys);
    Path script = folder.resolve("wrk.lua");
    Files.writeString(script, script(peer.headers(), names, most));
    ProcessBuilder builder =
        new ProcessBuilder(
                packages.wrk().toString(),
                "-t1",
                "-c" + connections,
                "-d" + seconds + "s",
                "--timeout",
                "10s",
                "-s",
                script.toString(),
                "http://127.0.0.1:" + peer.port())
            .redirectErrorStream(true);
    builder.environment().put("LD_LIBRARY_PATH", packages.libraries());
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(seconds + 30L, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    Matcher summary = SUMMARY.matcher(text);
    if (!summary.find()) {
      throw new IllegalStateException("wrk said: " + text);
    }
    long all = Long.parseLong(summary.group(1));
    long micros = Long.parseLong(summary.group(2));
    long notGood = Long.parseLong(summary.group(3));
    long broken = Long.parseLong(summary.group(4));
    return new Result((all - notGood) * 1e6 / micros, all - notGood, notGood + broken);
  }

  private static String script(Map<String, String> headers, Path keys, int most) {
    String more =
        headers.entrySet().stream()
            .map(
                header ->
                    "wrk.headers[\"%s\"] = \"%s\"".formatted(header.getKey(), header.getValue()))
            .collect(Collectors.joining("\n"));
    return """
    wrk.method = "POST"
    wrk.body = [[%s]]
    wrk.headers["Content-Type"] = "application/json"
    %s
    local requests, at, most, sent = {}, 0, %d, 0
    function init()
      for key in io.lines("%s") do
        wrk.headers["Authorization"] = "Bearer " .. key
        requests[#requests + 1] = most == 0 and wrk.format(nil, "%s") or key
      end
    end
    function request()
      at = at %% #requests + 1
      if most == 0 then return requests[at] end
      sent = sent + 1
      wrk.headers["Authorization"] = "Bearer " .. requests[at]
      return wrk.format(nil, "%s")
    end
    function response(status)
      if most > 0 and sent >= most then wrk.thread:stop() end
    end
    if most == 0 then response = nil end
    function done(summary)
      local e = summary.errors
      io.write(string.format("RESULT %%d %%d %%d %%d\\n", summary.requests, summary.duration, e.status,
        e.connect + e.read + e.write + e.timeout))
    end
    """
        .formatted(Job.BODY, more, most, keys, Job.PATH, Job.PATH);
  }
}
