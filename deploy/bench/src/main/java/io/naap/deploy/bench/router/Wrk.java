package io.naap.deploy.bench.router;

import java.io.BufferedReader;
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
  private static final Pattern ONCE = Pattern.compile("ONCE (\\d+) (\\d+) ?(.*)");

  /**
   * What came of it.
   *
   * @param perSecond answers with status 200
   * @param answered all with status 200
   * @param failed every other answer, and connections that broke
   * @param why the bodies of other answers, where they were looked at
   */
  record Result(double perSecond, long answered, long failed, String why) {}

  /**
   * Runs for some seconds.
   *
   * @param keys taken in turn
   */
  Result run(Peer peer, int connections, int seconds, List<String> keys)
      throws IOException, InterruptedException {
    return run(peer, connections, seconds, keys, 0);
  }

  /**
   * Sends each key once, and ends when all have been answered or the time is over. By itself the
   * load generator would go on for all of its time.
   */
  Result once(Peer peer, int connections, int seconds, List<String> keys)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    Process process = start(peer, connections, seconds, keys, keys.size());
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher all = ONCE.matcher(line);
        if (all.find()) {
          long good = Long.parseLong(all.group(1));
          return new Result(
              good * 1e9 / (System.nanoTime() - begun),
              good,
              Long.parseLong(all.group(2)),
              all.group(3));
        }
      }
    } finally {
      process.destroyForcibly();
    }
    throw new IllegalStateException(
        keys.size() + " keys were not all answered in " + seconds + " s");
  }

  private Result run(Peer peer, int connections, int seconds, List<String> keys, int most)
      throws IOException, InterruptedException {
    Process process = start(peer, connections, seconds, keys, most);
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
    return new Result((all - notGood) * 1e6 / micros, all - notGood, notGood + broken, "");
  }

  private Process start(Peer peer, int connections, int seconds, List<String> keys, int most)
      throws IOException {
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
    return builder.start();
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
    local requests, at, most, good, bad, kinds, why = {}, 0, %d, 0, 0, {}, {}
    function init()
      for key in io.lines("%s") do
        wrk.headers["Authorization"] = "Bearer " .. key
        requests[#requests + 1] = most == 0 and wrk.format(nil, "%s") or key
      end
    end
    function request()
      at = at %% #requests + 1
      if most == 0 then return requests[at] end
      wrk.headers["Authorization"] = "Bearer " .. requests[at]
      return wrk.format(nil, "%s")
    end
    function response(status, headers, body)
      if status == 200 then
        good = good + 1
      else
        bad = bad + 1
        local kind = status .. " " .. body:gsub("%%s+", " "):gsub('"request_id":"[^"]*"', "")
        if #why < 10 and not kinds[kind] then why[#why + 1] = kind end
        kinds[kind] = (kinds[kind] or 0) + 1
      end
      if good + bad == most then
        for n, kind in ipairs(why) do why[n] = kinds[kind] .. " times " .. kind end
        io.write(string.format("ONCE %%d %%d %%s\\n", good, bad, table.concat(why, "; ")))
        io.flush()
      end
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
