package io.naap.contracts.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/**
 * One entry of the audit log. In JSON the fields of all parts form one flat object.
 *
 * @param seq from 1, without gaps
 * @param previous hash of the entry before; 64 zeros for the first
 * @param hash SHA-256, hexadecimal, over all other fields, see {@link #digest}
 */
public record AuditEntry(long seq, @JsonUnwrapped Act act, String previous, String hash) {
  /** The {@code previous} hash of the first entry. */
  public static final String NONE = "0".repeat(64);

  /**
   * Who did what to which object, when and from where.
   *
   * @param at to the microsecond
   * @param actor {@code usr_...}, {@code svc_...}, or the name of a service
   * @param tenantId absent for actions on the platform itself
   * @param action for example {@code member.role_changed}
   * @param object what the action changed, for example {@code usr_...}
   * @param address the client's IP address
   * @param details JSON object with what changed; never a secret
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Act(
      Instant at,
      String actor,
      String tenantId,
      String action,
      String object,
      String address,
      String requestId,
      String details) {}

  /** Returns this entry with {@code hash} set to its {@link #digest}. */
  public AuditEntry sealed() {
    return new AuditEntry(seq, act, previous, digest());
  }

  /** Computes the SHA-256 over all fields but {@code hash}. */
  public String digest() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (String part :
          List.of(
              "naap-audit-1",
              Long.toString(seq),
              act.at.toString(),
              act.actor,
              act.tenantId == null ? "" : act.tenantId,
              act.action,
              act.object,
              act.address,
              act.requestId,
              act.details,
              previous)) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        // The length before each part keeps two entries from having the same digest when characters
        // move from one field to the next.
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
