package io.naap.router.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import io.naap.router.openai.OpenAiAnswers;
import io.naap.router.workload.Job;
import io.naap.router.workload.TokenCount;
import io.naap.router.workload.Workload;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A JSON answer: read whole, checked, measured, and then shown to the client. */
final class JsonAnswer implements GatewayAnswer {
  /** How long a gateway may take to say whether it has a file. */
  private static final long LOOK_MILLIS = 2_000;

  private final Exchange exchange;
  private final AdmittedJob job;
  private final Workload workload;
  private final WholeAnswer whole;
  private TokenCount tokens;

  JsonAnswer(Exchange exchange) {
    this.exchange = exchange;
    this.job = exchange.job();
    this.workload = job.request().workload();
    this.whole = exchange.services().answers.wholeAnswer(job.profile().tenantId());
  }

  @Override
  public void read(HttpClientResponse from) {
    from.handler(this::take);
    from.endHandler(ended -> gatewayEnded(from));
  }

  private void take(Buffer bytes) {
    if (exchange.isOver()) {
      return;
    }
    exchange.await(exchange.services().config.idleTimeout());
    switch (whole.add(bytes)) {
      case FINE -> {
        // Reads on.
      }
      case TOO_LARGE -> tooLarge();
      case NO_MEMORY -> {
        exchange.services().answers.refusedForMemory();
        exchange.fail(ExchangeRefusals.MANY_ANSWERS);
      }
    }
  }

  private void tooLarge() {
    if (!workload.isBilledWhenTooLarge()) {
      exchange.fail(ExchangeRefusals.ANSWER_TOO_LARGE);
      return;
    }
    Refusal refusal = ExchangeRefusals.billedButTooLarge(exchange.services().answers.maxBytes());
    AnswerHead.route(exchange.response(), exchange.route());
    exchange
        .finish(
            new JobEnd(
                refusal.status(),
                JobOutcome.PARTIAL,
                exchange.unknownUse(),
                Optional.of(refusal.code())))
        .onComplete(recorded -> exchange.refuse(refusal));
  }

  private void gatewayEnded(HttpClientResponse from) {
    if (exchange.isOver()) {
      return;
    }
    exchange.state().request().answered();
    if (!(whole.parsed() instanceof ObjectNode answer) || !workload.isComplete(answer)) {
      // A gateway that has nothing to say sends an empty 200.
      exchange.unusable();
    } else if (job.job().answer() == Job.Answer.SPEECH) {
      recording(MediaUrls.relative(answer.at("/audio/url").asText(), exchange.route().gateway()));
    } else if (job.parts().size() == 1) {
      complete(from, answer, whole.bytes());
    } else {
      GatheredImages gathered = exchange.gathered();
      gathered.add(from, answer);
      if (!exchange.forwarding().sendNextPart()) {
        complete(from, gathered.into(answer), null);
      }
    }
  }

  /** Passes a recording on instead of the answer that names it. */
  private void recording(String uri) {
    if (uri.startsWith("/")) {
      exchange.forwarding().fetch(uri);
      return;
    }
    // It is in a store of the operator's, where anybody with the address may have it.
    HttpServerResponse response = exchange.response();
    response.putHeader("Location", uri);
    AnswerHead.route(response, exchange.route());
    response.setStatusCode(303);
    exchange
        .finish(JobEnd.succeeded(303, exchange.bill().billable(measured(null))))
        .onComplete(recorded -> exchange.end(Buffer.buffer()));
  }

  /**
   * Shows an answer, and bills what of it can be used.
   *
   * @param bytes the gateway's own bytes, shown when nothing in the answer changes; or null
   */
  void complete(HttpClientResponse from, ObjectNode answer, Buffer bytes) {
    exchange.enter(new ExchangeState.Completing(exchange.state().request(), this));
    int images = answer.path("images").size();
    MediaUrls.relative(answer, exchange.route().gateway());
    ImageAnswers.keepDistinct(answer);
    List<String> doubted = ImageAnswers.doubted(answer);
    if (doubted.isEmpty()) {
      show(from, answer, images == answer.path("images").size() ? bytes : null);
      return;
    }
    Set<String> missing = new HashSet<>();
    List<Future<Void>> looks = new ArrayList<>();
    for (String url : doubted) {
      looks.add(look(url, missing));
    }
    Future.join(looks)
        .onComplete(
            looked -> {
              if (!exchange.isOver()) {
                ImageAnswers.leaveOut(answer, missing);
                show(from, answer, images == answer.path("images").size() ? bytes : null);
              }
            });
  }

  /** Asks the gateway whether it has a file that its answer names; in doubt it has. */
  private Future<Void> look(String url, Set<String> missing) {
    return exchange
        .services()
        .gateways
        .gateways
        .client()
        .request(
            Gateways.to(exchange.route().gateway())
                .setMethod(HttpMethod.HEAD)
                .setURI(url)
                .setTimeout(LOOK_MILLIS))
        .compose(HttpClientRequest::send)
        .map(
            found -> {
              if (found.statusCode() == 404 || found.statusCode() == 410) {
                missing.add(url);
              }
              return (Void) null;
            })
        .otherwiseEmpty();
  }

  private void show(HttpClientResponse from, ObjectNode answer, Buffer bytes) {
    if (!workload.isComplete(answer)) {
      exchange.gathered().clear();
      exchange.unusable();
      return;
    }
    Units units = exchange.bill().billable(measured(answer));
    boolean changed =
        MediaUrls.rewrite(
            answer, exchange.services().answers.publicUrl, exchange.route().gateway().name());
    ObjectNode shown = answer;
    if (workload.openAi() && OpenAiAnswers.differs(answer)) {
      shown = OpenAiAnswers.of(answer, job.opened());
      changed = true;
    }
    exchange.copyHead(from);
    HttpServerResponse response = exchange.response();
    AnswerHead.bill(response, units, exchange.bill().cost(units));
    Buffer body = changed || bytes == null ? Buffer.buffer(shown.toString()) : bytes;
    response.putHeader(AnswerHead.CONTENT_TYPE, "application/json");
    exchange.finish(JobEnd.succeeded(200, units)).onComplete(recorded -> exchange.end(body));
  }

  private Units measured(JsonNode answer) {
    return switch (job.job().answer()) {
      case LANGUAGE, EVENTS -> {
        tokens = TokenCount.of(answer, job.job().estimate().most());
        yield tokens.units();
      }
      case JSON, SPEECH, THROUGH, THROUGH_OR_EMPTY ->
          job.job().measured(answer, exchange.delivered(null, 0));
    };
  }

  @Override
  public boolean isOne() {
    return true;
  }

  @Override
  public Optional<TokenCount> tokens() {
    return Optional.ofNullable(tokens);
  }

  @Override
  public void release() {
    whole.release();
  }
}
