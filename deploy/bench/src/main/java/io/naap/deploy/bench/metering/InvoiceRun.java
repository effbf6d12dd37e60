package io.naap.deploy.bench.metering;

import io.naap.deploy.bench.report.Figures;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Closing and rendering the invoices of many tenants. */
final class InvoiceRun {
  private static final long PATIENCE_NANOS = 300_000_000_000L;
  private final Figures figures;
  private final MeteringLab lab;
  private final int invoices;

  InvoiceRun(Figures figures, MeteringLab lab, int invoices) {
    this.figures = figures;
    this.lab = lab;
    this.invoices = invoices;
  }

  /** A month of so many tenants: their sums are there, the month is over. */
  void measure() throws Exception {
    lab.execute(
        """
        insert into usage_rollup (granularity, bucket, tenant_id, key_id, capability, model, tier, status, outcome, late,
          jobs, events, requests, pixels, generations, tokens_in, tokens_out, milliseconds, characters, cost, sponsored,
          waived, network_cost)
        select 'day', date_trunc('month', now(), 'UTC') - interval '1 month' + d * interval '1 day',
          'ten_01kaq3v7g9' || lpad(t::text, 16, '0'), 'key_01kaq3v7g9' || lpad((t * 2 + d %% 2)::text, 16, '0'),
          (array['text-to-image', 'llm', 'upscale', 'text-to-speech'])[1 + d %% 4], 'bench/model-' || d %% 5, 'standard', 200,
          'succeeded', false, 10, 10, 10, 1000000, 10, 0, 0, 0, 0, 5000000 + t, 0, 0, 0
        from generate_series(1, %d) t, generate_series(0, 27) d"""
            .formatted(invoices));
    lab.execute("vacuum analyze usage_day");
    long before = lab.number("select count(*) from invoice where status <> 'draft'");
    long start = System.nanoTime();
    MeteringLab.Service service = lab.start("metering", "naap.metering.invoice.every=PT1S");
    try {
      long end = System.nanoTime() + PATIENCE_NANOS;
      while (lab.number(
              "select count(*) from invoice where status <> 'draft' and tenant_id like 'ten_01kaq3v7g9%'")
          < invoices) {
        Thread.sleep(50);
        if (System.nanoTime() > end) {
          throw new IllegalStateException("invoices are missing");
        }
      }
      long closed = System.nanoTime() - start;
      List<String> ids = new ArrayList<>();
      for (int at = 0; at < invoices; at += 1_000) {
        String page =
            "select string_agg(id, ',') from (select id from invoice where tenant_id like 'ten_01kaq3v7g9%%' order by id limit 1000 offset %d) p"
                .formatted(at);
        ids.addAll(List.of(lab.text(page).split(",", -1)));
      }
      long rendering = System.nanoTime();
      long bytes = render(service, ids);
      long rendered = System.nanoTime() - rendering;
      figures.step(
          "invoices closed " + Figures.spent(closed) + ", rendered " + Figures.spent(rendered),
          () -> bytes / 1024 + " KiB of PDF");
      figures.atMost(
          "close and render %,d invoices, start of the service included".formatted(invoices),
          BigDecimal.valueOf(closed + rendered, 9).setScale(1, RoundingMode.HALF_EVEN),
          "s",
          "120",
          "30");
      figures.must(
          "invoice numbers have no gaps",
          lab.number("select max(number) - count(*) from invoice where number is not null") == 0,
          lab.number("select count(*) from invoice where status <> 'draft'")
              - before
              + " invoices");
    } finally {
      service.stop();
    }
  }

  private long render(MeteringLab.Service service, List<String> ids) throws Exception {
    String token = lab.credentials.operatorToken();
    long bytes = 0;
    try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
      List<Callable<Integer>> all = new ArrayList<>();
      for (String id : ids) {
        all.add(
            () -> {
              HttpResponse<byte[]> answer =
                  lab.http.send(
                      HttpRequest.newBuilder(
                              URI.create(service.url() + "/v1/invoices/" + id + "/pdf"))
                          .header("Authorization", "Bearer " + token)
                          .build(),
                      HttpResponse.BodyHandlers.ofByteArray());
              if (answer.statusCode() != 200) {
                throw new IllegalStateException(id + " answered " + answer.statusCode());
              }
              return answer.body().length;
            });
      }
      for (Future<Integer> one : pool.invokeAll(all)) {
        bytes += one.get();
      }
    }
    return bytes;
  }
}
