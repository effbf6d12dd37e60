package io.naap.router.proxy;

import io.naap.contracts.problem.Refusal;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a gateway's refusal means, in our words: a gateway's own quote addresses of the operator's
 * network. Only what a customer's container says of a job is told on, without any address in it.
 *
 * @param kind whose it is
 * @param refusal for the customer
 */
public record GatewayRefusal(Kind kind, Refusal refusal) {
  private static final int MOST_LOOKED_AT = 2_000;
  private static final int MOST_TOLD = 300;
  private static final String BYOC = "byoc";
  private static final Set<Integer> OF_THE_REQUEST = Set.of(400, 413, 415, 422);
  private static final String NOTHING = "no reason given";

  /** URLs, addresses of hosts with or without a port, and names that only an inside network has. */
  private static final Pattern ADDRESS =
      Pattern.compile(
          "[a-z][a-z0-9+.-]{0,20}:/{1,3}\\S++"
              + "|\\[?[0-9a-f]{0,4}+(?::[0-9a-f]{0,4}+){2,8}+(?:%\\w++)?\\]?(?::\\d{1,5}+)?"
              + "|(?<![\\w.])\\d{1,3}+(?:\\.\\d{1,3}+){3}+(?:/\\d++)?(?::\\d{1,5}+)?"
              + "|(?<![\\w.-])[\\w-]{1,63}(?:\\.[\\w-]{1,63}){0,8}:\\d{2,5}+(?:/\\S*+)?"
              + "|(?<![\\w.-])(?:[\\w-]{1,63}\\.){1,8}"
              + "(?:internal|local|localdomain|svc|lan|home|corp|intranet|cluster)\\b\\S*+"
              + "|\\blocalhost\\b\\S*+",
          Pattern.CASE_INSENSITIVE);

  /** Whose fault a refusal is. */
  public enum Kind {
    /** The customer sent something wrong. */
    CUSTOMER,
    /** Nobody is free for this model. */
    NO_CAPACITY,
    /** The job was not done, for whatever reason of the network's. */
    FAILED
  }

  /**
   * Judges an answer that is not a good one.
   *
   * @param status not 2xx
   * @param reason what the gateway says, as far as it was read
   */
  public static GatewayRefusal of(String capability, int status, String reason) {
    String text = reason.substring(0, Math.min(reason.length(), MOST_LOOKED_AT));
    if (status == 429 || status == 503) {
      return noCapacity(1);
    }
    if (capability.equals(BYOC) && status >= 400 && status < 500) {
      return container(status, text);
    }
    if (OF_THE_REQUEST.contains(status)) {
      return new GatewayRefusal(
          Kind.CUSTOMER, Refusal.of(status, "gateway_refused", words(capability, status, text)));
    }
    return failed();
  }

  /**
   * A gateway drops the connection when no orchestrator serves the model, or all are busy.
   *
   * @param retryAfterSeconds when to come back
   */
  public static GatewayRefusal noCapacity(long retryAfterSeconds) {
    return new GatewayRefusal(
        Kind.NO_CAPACITY,
        new Refusal(
            503,
            "no_capacity",
            "No orchestrator took this job; the model has no free capacity now, try again later.",
            null,
            Optional.of(retryAfterSeconds)));
  }

  private static GatewayRefusal failed() {
    return new GatewayRefusal(
        Kind.FAILED,
        Refusal.of(502, "gateway_failed", "The gateway could not do the job; try again."));
  }

  private static GatewayRefusal container(int status, String text) {
    if (text.toLowerCase(Locale.ROOT).contains("no orchestrators found")) {
      return new GatewayRefusal(
          Kind.CUSTOMER,
          Refusal.of(
              404,
              "unknown_capability",
              "No orchestrator offers this capability; check its name in the Livepeer header."));
    }
    // Relayed from the container, which is the customer's own.
    return new GatewayRefusal(
        Kind.CUSTOMER,
        Refusal.of(
            OF_THE_REQUEST.contains(status) ? status : 502,
            "gateway_refused",
            "The container refused the job: " + withoutAddresses(text)));
  }

  private static String words(String capability, int status, String text) {
    if (status == 413) {
      return "The gateway refused the job: its body is too large.";
    }
    return switch (capability) {
      case "audio-to-text" ->
          text.contains("duration") || text.contains("1 second")
              ? "The gateway refused the job: the recording must last at least one second."
              : "The gateway refused the job: it cannot read the recording.";
      case "image-to-image", "upscale", "segment-anything-2", "image-to-text", "image-to-video" ->
          "The gateway refused the job: it cannot read the picture, or a field of the form.";
      case "transcoding" ->
          "The gateway refused the segment: send MPEG-TS or MP4 with video of a common codec.";
      case "live-video-to-video" -> "The gateway refused the stream: it cannot read the offer.";
      default -> "The gateway refused the job: one of its fields has a value it does not take.";
    };
  }

  /** A container's words with every address in them left out. */
  public static String withoutAddresses(String text) {
    String looked = text.substring(0, Math.min(text.length(), MOST_LOOKED_AT));
    String clean = ADDRESS.matcher(looked.replaceAll("\\p{Cntrl}", " ")).replaceAll("[address]");
    clean = clean.strip();
    if (clean.isEmpty()) {
      return NOTHING;
    }
    return clean.length() > MOST_TOLD ? clean.substring(0, MOST_TOLD) : clean;
  }
}
