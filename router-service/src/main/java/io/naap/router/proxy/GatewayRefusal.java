package io.naap.router.proxy;

import io.naap.contracts.problem.Refusal;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The meaning of a gateway's refusal, in words of the platform: a gateway's own words quote
 * addresses of the operator's network. Only the words of a customer's container are passed on,
 * without the addresses in them.
 *
 * @param kind whose fault it is
 * @param refusal for the customer
 */
public record GatewayRefusal(Kind kind, Refusal refusal) {
  private static final int MOST_LOOKED_AT = 2_000;
  private static final int MOST_TOLD = 300;
  private static final String BYOC = "byoc";
  private static final Set<Integer> OF_THE_REQUEST = Set.of(400, 413, 415, 422);
  private static final String NOTHING = "no reason given";

  /** URLs, addresses of hosts with or without a port, and names of internal networks. */
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
    /** No orchestrator is free for this model. */
    NO_CAPACITY,
    /** The network failed to do the job. */
    FAILED
  }

  /**
   * Judges an answer that is not 2xx.
   *
   * @param reason the beginning of the gateway's answer
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
   * @param retryAfterSeconds when the client may try again
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
    // The container, which is the customer's own, refused the job.
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

  /** A container's words without the addresses in them. */
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
