package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import io.naap.deploy.local.PriceList;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Last month's usage on its invoice, told to the tenant's webhook; nothing is asked twice. */
class InvoicesTest {
  private static final Platform PLATFORM = Started.platform();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int JOBS = 20;

  private final Api api = new Api(PLATFORM.origin());
  private final BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
  private final Api.Session operator = new Api(PLATFORM.origin()).signIn(PLATFORM.operator());
  private final Api.Session tenant = api.signIn(Wallets.random());
  private final LocalDate lastMonth =
      LocalDate.now(ZoneOffset.UTC).withDayOfMonth(1).minusMonths(1);
  private HttpServer listener;

  /** What a webhook was told. */
  private record Delivery(String id, String timestamp, String signature, String body) {
    JsonNode json() throws IOException {
      return JSON.readTree(body);
    }
  }

  @BeforeEach
  void aProgramOfTheTenants() throws IOException {
    listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    listener.createContext("/naap", this::take);
    listener.start();
  }

  @AfterEach
  void stop() {
    listener.stop(0);
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      deliveries.add(
          new Delivery(
              exchange.getRequestHeaders().getFirst("webhook-id"),
              exchange.getRequestHeaders().getFirst("webhook-timestamp"),
              exchange.getRequestHeaders().getFirst("webhook-signature"),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
      exchange.sendResponseHeaders(204, -1);
    }
  }

  @Test
  void comeOfLastMonthsUsageAndAreToldOnceAndAgreeWithTheirEvents() throws Exception {
    api.credit(operator, tenant.tenantId(), "50.00", "invoice-" + tenant.tenantId()).expect(201);
    String key = api.createKey(tenant, "{\"name\":\"last month\"}").path("id").asText();
    String secret = webhook();

    JsonNode taken = usage(key, 0, JOBS);
    assertThat(taken.path("events")).hasSize(JOBS);
    taken
        .path("events")
        .forEach(one -> assertThat(one.path("state").asText()).isEqualTo("accepted"));
    usage(key, 0, JOBS)
        .path("events")
        .forEach(one -> assertThat(one.path("state").asText()).isEqualTo("repeated"));

    Delivery told = deliveries.poll(60, TimeUnit.SECONDS);
    assertThat(told).as("the invoice is told").isNotNull();
    assertThat(told.signature()).isEqualTo(signature(secret, told));
    JsonNode event = told.json();
    assertThat(event.path("type").asText()).isEqualTo("invoice.finalized");
    JsonNode invoice = event.path("data");
    String id = invoice.path("id").asText();
    assertThat(api.get("/v1/invoices/" + id, tenant.accessToken()).expect(200).json())
        .isEqualTo(invoice);
    assertThat(invoice.path("period_start").asText()).startsWith(lastMonth + "T00:00:00");
    assertThat(invoice.at("/keys/0/key_id").asText()).isEqualTo(key);
    assertThat(invoice.at("/keys/0/jobs").asInt()).isEqualTo(JOBS);
    assertThat(amount(invoice.path("total")))
        .isPositive()
        .isEqualByComparingTo(priceOfAPicture().multiply(BigDecimal.valueOf(JOBS)));
    assertThat(invoice.path("number").asText()).matches("INV-\\d{6}");

    JsonNode report =
        api.get("/v1/invoices/" + id + "/verification", tenant.accessToken()).expect(200).json();
    assertThat(report.path("agrees").asBoolean()).as(report.toString()).isTrue();
    assertThat(report.path("events").asInt()).isEqualTo(JOBS);
    Api.Answer pdf = api.get("/v1/invoices/" + id + "/pdf", tenant.accessToken()).expect(200);
    assertThat(pdf.header("content-type")).isEqualTo("application/pdf");
    assertThat(new String(pdf.body(), StandardCharsets.ISO_8859_1)).startsWith("%PDF-1.");

    // What comes now is on the next invoice, and this one stays as it is.
    usage(key, JOBS, 1)
        .path("events")
        .forEach(one -> assertThat(one.path("state").asText()).isEqualTo("late"));
    JsonNode draft = api.get("/v1/invoices/draft", tenant.accessToken()).expect(200).json();
    assertThat(draft.path("lines").findValuesAsText("kind")).containsExactly("late_usage");
    assertThat(api.get("/v1/invoices/" + id, tenant.accessToken()).json()).isEqualTo(invoice);
    assertThat(deliveries.poll(6, TimeUnit.SECONDS)).as("a second telling").isNull();
  }

  /** Makes the webhook and returns its secret. */
  private String webhook() {
    return api.send(
            api.request("/v1/webhooks", tenant.accessToken())
                .header("content-type", "application/json")
                .header("idempotency-key", "webhook-" + tenant.tenantId())
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        """
                        {"url":"http://127.0.0.1:%d/naap","events":["invoice.finalized"]}"""
                            .formatted(listener.getAddress().getPort()))))
        .expect(201)
        .json()
        .path("secret")
        .asText();
  }

  /** Jobs of a day in the middle of last month that did not pass the router. */
  private JsonNode usage(String key, int first, int count) {
    StringBuilder events = new StringBuilder("[");
    for (int number = first; number < first + count; number++) {
      events.append(number == first ? "" : ",");
      events.append(
          """
          {"specversion":"1.0","id":"%s-%d","source":"urn:test:elsewhere","type":"io.naap.usage","subject":"%s",
           "time":"%sT12:00:%02dZ","data":{"key_id":"%s","capability":"text-to-image","model":"any/model",
           "units":{"requests":1,"pixels":1048576,"generations":1}}}"""
              .formatted(
                  tenant.tenantId(),
                  number,
                  tenant.tenantId(),
                  lastMonth.withDayOfMonth(15),
                  number,
                  key));
    }
    return api.send(
            api.request("/v1/usage/events", operator.accessToken())
                .header("content-type", "application/cloudevents-batch+json")
                .POST(HttpRequest.BodyPublishers.ofString(events.append("]").toString())))
        .expect(200)
        .json();
  }

  /** By the prices that the tenant is shown. */
  private BigDecimal priceOfAPicture() {
    return new PriceList(
            api.get("/v1/plans/tenants/" + tenant.tenantId(), tenant.accessToken())
                .expect(200)
                .json()
                .path("plan"))
        .cost(
            "text-to-image",
            "any/model",
            Map.of("requests", 1L, "pixels", 1024L * 1024L, "generations", 1L));
  }

  private static BigDecimal amount(JsonNode money) {
    return new BigDecimal(money.path("amount").asText());
  }

  /** Standard Webhooks, computed as its specification says. */
  private static String signature(String secret, Delivery delivery) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(
        new SecretKeySpec(
            Base64.getDecoder().decode(secret.substring("whsec_".length())), "HmacSHA256"));
    String signed = delivery.id() + "." + delivery.timestamp() + "." + delivery.body();
    return "v1,"
        + Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
  }
}
