package io.naap.deploy.bench.metering;

import io.naap.deploy.bench.report.Figures;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;

/** What a dashboard asks, with a month stored. */
final class DashboardQuery {
  private static final int QUERIES = 300;
  private final Figures figures;
  private final MeteringLab lab;
  private final int stored;

  DashboardQuery(Figures figures, MeteringLab lab, int stored) {
    this.figures = figures;
    this.lab = lab;
    this.stored = stored;
  }

  void measure() throws Exception {
    MeteringLab.Service service = lab.start("metering");
    try {
      long[] nanos = new long[QUERIES];
      String token = lab.credentials.operatorToken();
      for (int at = 0; at < QUERIES + 50; at++) {
        HttpRequest request =
            HttpRequest.newBuilder(
                    URI.create(
                        service.url()
                            + "/v1/usage?granularity=day&group_by=model&limit=100&tenant_id="
                            + Traffic.tenant(at % Traffic.TENANTS)))
                .header("Authorization", "Bearer " + token)
                .build();
        long start = System.nanoTime();
        HttpResponse<String> answer = lab.http.send(request, HttpResponse.BodyHandlers.ofString());
        long took = System.nanoTime() - start;
        if (answer.statusCode() != 200 || !answer.body().contains("bench/model")) {
          throw new IllegalStateException(answer.statusCode() + answer.body());
        }
        if (at >= 50) {
          nanos[at - 50] = took;
        }
      }
      Arrays.sort(nanos);
      figures.latencyAtMost(
          "dashboard query (30 days by day and model) with %,d events stored, p99"
              .formatted(stored),
          Figures.percentile(nanos, 99),
          "100",
          "20");
    } finally {
      service.stop();
    }
  }
}
