package io.naap.contracts.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/**
 * One thing that somebody did.
 *
 * @param seq from 1, without gaps
 * @param at to the microsecond
 * @param actor {@code usr_...}, {@code svc_...}, or the name of a service
 * @param tenantId absent for what concerns the platform
 * @param action for example {@code member.role_changed}
 * @param object what it was done to, for example {@code usr_...}
 * @param address where the request came from
 * @param details JSON object with what changed; never a secret
 * @param previous hash of the entry before; 64 zeros for the first
 * @param hash SHA-256, hexadecimal, of everything else here
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AuditEntry(
    long seq,
    Instant at,
    String actor,
    String tenantId,
    String action,
    String object,
    String address,
    String requestId,
    String details,
    String previous,
    String hash) {
  /** What the first entry has for {@code previous}. */
  public static final String NONE = "0".repeat(64);

  /** The entry with its hash. */
  public AuditEntry sealed() {
    return new AuditEntry(
        seq, at, actor, tenantId, action, object, address, requestId, details, previous, digest());
  }

  /** The hash that the entry must have. */
  public String digest() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (String part :
          List.of(
              "naap-audit-1",
              Long.toString(seq),
              at.toString(),
              actor,
              tenantId == null ? "" : tenantId,
              action,
              object,
              address,
              requestId,
              details,
              previous)) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        // The length before each part, so that no text can move from one part to the next.
        sha.update(Integer.toString(bytes.length).getBytes(StandardCharsets.US_ASCII));
        sha.update((byte) ':');
        sha.update(bytes);
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
