package io.naap.deploy.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;

/** Requests that nobody may get a ticket for. */
final class HostileBodies {
  private HostileBodies() {}

  static List<String> all(SplittableRandom random) throws IOException {
    List<String> bodies = new ArrayList<>();
    SignerLab.Orchestrator orchestrator = new SignerLab.Orchestrator(random);
    byte[] info = orchestrator.info(true);
    String good = Base64.getEncoder().encodeToString(info);
    // Cut short at every length that is not the whole.
    for (int length = 0; length < info.length && bodies.size() < 230; length++) {
      byte[] cut = Arrays.copyOf(info, length);
      bodies.add(
          "{\"type\":\"lv2v\",\"orchestrator\":\""
              + Base64.getEncoder().encodeToString(cut)
              + "\"}");
    }
    String with = "{\"orchestrator\":\"" + good + "\"";
    for (String type :
        List.of(
            "\"x\"",
            "\"LV2V\"",
            "\"byoc\"",
            "1",
            "null",
            "[]",
            "{}",
            "true",
            "\"\"",
            "\"lv2v \"")) {
      bodies.add(with + ",\"type\":" + type + "}");
    }
    for (String pixels :
        List.of(
            "0",
            "-1",
            "-9223372036854775808",
            "9223372036854775808",
            "1e3",
            "1.5",
            "\"5\"",
            "9223372036854775807",
            "[]",
            "null")) {
      bodies.add(with + ",\"inPixels\":" + pixels + "}");
    }
    for (String price :
        List.of(
            "0",
            "-1",
            "\"0\"",
            "\"-1\"",
            "\"x\"",
            "null",
            "1e999999",
            "\"1e999999\"",
            "0.0000001",
            "[]",
            "{}",
            "true")) {
      bodies.add(
          with
              + ",\"type\":\"lv2v\",\"maxPrice\":{\"price\":"
              + price
              + ",\"currency\":\"wei\",\"unit\":\"720p-pixel-seconds\"}}");
    }
    for (String max :
        List.of(
            "1",
            "[]",
            "\"\"",
            "{}",
            "{\"price\":5000,\"currency\":\"USD\",\"unit\":\"720p-pixel-seconds\"}",
            "{\"price\":5000,\"currency\":\"wei\",\"unit\":\"seconds\"}")) {
      bodies.add(with + ",\"type\":\"lv2v\",\"maxPrice\":" + max + "}");
    }
    for (String state :
        List.of(
            "{\"State\":\"e30=\",\"Sig\":\"\"}",
            "{\"State\":\"\",\"Sig\":\"AAAA\"}",
            "{\"State\":\"!!\",\"Sig\":\"!!\"}",
            "{\"State\":\"e30=\",\"Sig\":\""
                + Base64.getEncoder().encodeToString(new byte[65])
                + "\"}",
            "{\"State\":1,\"Sig\":2}",
            "[]",
            "\"x\"",
            "7",
            "{\"State\":{},\"Sig\":[]}",
            "{\"state\":\"e30=\",\"SIG\":\""
                + Base64.getEncoder().encodeToString(new byte[64])
                + "\"}")) {
      bodies.add(with + ",\"type\":\"lv2v\",\"ManifestID\":\"m\",\"state\":" + state + "}");
    }
    for (String capabilities : List.of("\"!\"", "1", "\"/w==\"", "{}", "\"CA==\"")) {
      bodies.add(with + ",\"type\":\"lv2v\",\"capabilities\":" + capabilities + "}");
    }
    for (String whole :
        List.of(
            "",
            "{",
            "}",
            "null",
            "[]",
            "1",
            "\"\"",
            "{}{}",
            "{\"orchestrator\":null}",
            "{\"orchestrator\":1}",
            "{\"orchestrator\":\"\"}",
            "{\"orchestrator\":\"=\"}",
            "{\"orchestrator\":\"" + good + "\"} trailing",
            "\u0000",
            "{\"a\":".repeat(50),
            "[".repeat(10_000),
            "{\"orchestrator\":[" + "1,".repeat(1_000) + "1]}",
            "{\"orchestrator\":\"" + "A".repeat(100_000) + "\"}")) {
      bodies.add(whole);
    }
    bodies.add(with + ",\"type\":\"lv2v\",\"app\":\"" + "a".repeat(5_000) + "\"}");
    bodies.add(with + ",\"type\":\"lv2v\",\"ManifestID\":\"" + "a".repeat(5_000) + "\"}");
    while (bodies.size() < 320) {
      byte[] noise = new byte[1 + random.nextInt(400)];
      random.nextBytes(noise);
      bodies.add(
          "{\"type\":\"lv2v\",\"orchestrator\":\""
              + Base64.getEncoder().encodeToString(noise)
              + "\"}");
    }
    return bodies;
  }

  /** Flips, cuts, doubles or swaps a few bytes. */
  static byte[] mutate(byte[] message, SplittableRandom random) {
    byte[] mutant = message.clone();
    for (int change = 1 + random.nextInt(4); change > 0; change--) {
      int at = random.nextInt(mutant.length);
      switch (random.nextInt(5)) {
        case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> mutant[at] = (byte) random.nextInt(256);
        case 2 -> mutant = Arrays.copyOf(mutant, Math.max(1, at));
        case 3 -> {
          byte[] longer = Arrays.copyOf(mutant, mutant.length + at);
          System.arraycopy(mutant, 0, longer, mutant.length, at);
          mutant = longer;
        }
        default -> Arrays.fill(mutant, at, Math.min(mutant.length, at + 4), (byte) 0xff);
      }
    }
    return mutant;
  }
}
