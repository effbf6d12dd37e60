package io.naap.router.live;

import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.vertx.core.Future;
import io.vertx.redis.client.RedisAPI;
import io.vertx.redis.client.Response;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Live sessions in Redis, because any router may get a heartbeat. One atomic script cuts a stream's
 * time into stretches and gives each of them to exactly one router.
 */
@Singleton
class LiveSessions implements SlotHomes {
  private static final long SHORTEST_MILLIS = 500;

  /** The most names in one answer, see live.lua. */
  static final int PAGE = 100;

  private static final Logger LOG = Logger.getLogger(LiveSessions.class);

  private final RedisAPI redis;
  private final String script;

  LiveSessions(RedisAPI redis) {
    this.redis = redis;
    try (InputStream file = LiveSessions.class.getResourceAsStream("/admission/live.lua")) {
      script = new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** What follows on a heartbeat, or on the end. */
  sealed interface Step {
    /** There is no such stream, or it has ended. */
    record Gone() implements Step {}

    /** Nothing to bill yet. */
    record Nothing() implements Step {}

    /** A stretch that the caller must bill, and nobody else. */
    record Stretch(int sequence, long sinceMillis, long untilMillis) implements Step {}
  }

  /** A Redis that does not answer in time is a 503 of the platform. */
  private static <T> Future<T> inTime(Future<T> asked) {
    return asked
        .timeout(2, TimeUnit.SECONDS)
        .recover(
            lost -> {
              LOG.debugf(lost, "Redis did not answer about a live session");
              return Future.failedFuture(
                  Refusal.unavailable("The stream cannot be looked up right now; try again.")
                      .raise());
            });
  }

  Future<Void> save(LiveSession session) {
    String key = "naap:live:" + session.streamId();
    return inTime(
        redis
            .hset(List.of(key, "json", Json.write(session)))
            .compose(saved -> redis.pexpire(List.of(key, "86400000")))
            .compose(saved -> run("seen", session.streamId()))
            .<Void>mapEmpty());
  }

  /** Has a stream looked at from now on; the first time after {@code millis}. */
  Future<Void> watch(String streamId, long millis) {
    return run("watch", streamId, Long.toString(millis)).mapEmpty();
  }

  Future<Void> unwatch(String streamId) {
    return inTime(redis.zrem(List.of("naap:live:watched", streamId))).mapEmpty();
  }

  /** Streams to look at now, each given to one caller; again after {@code millis}. */
  Future<List<String>> due(long millis) {
    return run("due", "", Long.toString(millis)).map(LiveSessions::names);
  }

  /** Saves the path of the gateway's WHIP resource, or the gateway's name of a BYOC stream. */
  Future<Void> locate(String streamId, String location) {
    return inTime(redis.hset(List.of("naap:live:" + streamId, "location", location))).mapEmpty();
  }

  Future<Optional<String>> location(String streamId) {
    return inTime(redis.hget("naap:live:" + streamId, "location"))
        .map(found -> Optional.ofNullable(found).map(Response::toString));
  }

  Future<Optional<LiveSession>> find(String streamId) {
    return inTime(redis.hget("naap:live:" + streamId, "json"))
        .map(
            found ->
                Optional.ofNullable(found)
                    .map(text -> Json.read(text.toString(), LiveSession.class)));
  }

  Future<Step> beat(String streamId) {
    return run("beat", streamId, Long.toString(SHORTEST_MILLIS)).map(LiveSessions::read);
  }

  /**
   * Ends a session; only the first caller gets its last stretch, and only the first reason counts.
   *
   * @param silent true to bill only up to the last heartbeat
   */
  Future<Step> end(String streamId, boolean silent, Ending why) {
    return run("end", streamId, silent ? "silent" : "now", written(why)).map(LiveSessions::read);
  }

  private static String written(Ending why) {
    return Json.write(why);
  }

  /** Why a session ended; absent while it runs. */
  Future<Optional<Ending>> ending(String streamId) {
    return inTime(redis.hget("naap:live:" + streamId, "ended"))
        .map(
            found ->
                Optional.ofNullable(found).map(text -> Json.read(text.toString(), Ending.class)));
  }

  /** The time and cost of all stretches of a session. */
  record Sum(long millis, NanoUsd cost) {}

  Future<Void> add(String streamId, long millis, NanoUsd cost) {
    String key = "naap:live:" + streamId;
    return redis
        .hincrby(key, "millis", Long.toString(millis))
        .compose(added -> redis.hincrby(key, "cost", Long.toString(cost.nanos())))
        .<Void>mapEmpty()
        .timeout(2, TimeUnit.SECONDS);
  }

  Future<Sum> sum(String streamId) {
    return redis
        .hmget(List.of("naap:live:" + streamId, "millis", "cost"))
        .timeout(2, TimeUnit.SECONDS)
        .map(found -> new Sum(number(found.get(0)), NanoUsd.ofNanos(number(found.get(1)))));
  }

  private static long number(Response field) {
    return field == null ? 0 : field.toLong();
  }

  Future<List<String>> silent(long millis) {
    return run("late", "", Long.toString(millis)).map(LiveSessions::names);
  }

  private static List<String> names(Response answer) {
    List<String> streams = new ArrayList<>();
    answer.forEach(name -> streams.add(name.toString()));
    return streams;
  }

  @Override
  public Future<Claim> claim(String streamId, String router, long silentMillis) {
    return run("claim", streamId, Long.toString(silentMillis), router)
        .map(
            answer ->
                answer.get(0).toString().equals("CLAIMED")
                    ? new Claim.Claimed(answer.get(1).toLong())
                    : new Claim.Taken());
  }

  @Override
  public Future<List<String>> home(String router, List<String> streamIds, long silentMillis) {
    List<String> more = new ArrayList<>(List.of(Long.toString(silentMillis)));
    more.addAll(streamIds);
    return run("home", router, more.toArray(String[]::new)).map(LiveSessions::names);
  }

  private Future<Response> run(String what, String streamId, String... last) {
    List<String> call = new ArrayList<>(List.of(script, "0", "0", what, streamId));
    call.addAll(List.of(last));
    return inTime(redis.eval(call));
  }

  private static Step read(Response answer) {
    return switch (answer.get(0).toString()) {
      case "GONE" -> new Step.Gone();
      case "STRETCH" ->
          new Step.Stretch(
              answer.get(1).toInteger(), answer.get(2).toLong(), answer.get(3).toLong());
      default -> new Step.Nothing();
    };
  }
}
