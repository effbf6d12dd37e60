package io.naap.auth.session;

import io.naap.auth.audit.Action;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.auth.tenant.AuthConfig;
import io.naap.auth.tenant.Member;
import io.naap.auth.tenant.Memberships;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;

/** Opens sessions. */
@ApplicationScoped
public class Sessions {
  private final Transactions transactions;
  private final Memberships memberships;
  private final SessionTokens tokens;
  private final SignOut signOut;
  private final Audit audit;
  private final Ids ids;
  private final Clock clock;
  private final AuthConfig config;

  Sessions(
      Transactions transactions,
      Memberships memberships,
      SessionTokens tokens,
      SignOut signOut,
      Audit audit,
      Ids ids,
      Clock clock,
      AuthConfig config) {
    this.transactions = transactions;
    this.memberships = memberships;
    this.tokens = tokens;
    this.signOut = signOut;
    this.audit = audit;
    this.ids = ids;
    this.clock = clock;
    this.config = config;
  }

  /** How a person signed in. */
  public enum Kind {
    SIWE("siwe"),
    DEVICE("device");

    private final String wireName;

    Kind(String wireName) {
      this.wireName = wireName;
    }
  }

  /**
   * Opens a session for an account whose signature was verified; the first sign-in creates its user
   * and tenant. Empty when every tenant of the user is suspended.
   *
   * @param account an EIP-55 address, or {@code eip155:<chain>:<address>} for a contract wallet
   */
  public Optional<Tokens> open(String account, Origin origin) {
    Optional<Tokens> opened =
        transactions.run(
            tx ->
                memberships
                    .memberOf(tx, account, origin)
                    .map(member -> open(tx, member, Kind.SIWE, origin)));
    memberships.committed();
    return opened;
  }

  /** Opens a session for a member in the caller's transaction. */
  public Tokens open(Tx tx, Member member, Kind kind, Origin origin) {
    Instant now = clock.instant();
    String sessionId = ids.next(IdKind.SESSION);
    tx.change(
        """
        insert into sessions
          (id, user_id, tenant_id, wallet, kind, address, agent, created_at, last_used_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)""",
        sessionId,
        member.userId(),
        member.tenantId(),
        member.wallet(),
        kind.wireName,
        origin.address(),
        origin.agent(),
        now.atOffset(ZoneOffset.UTC),
        now.plus(config.sessionTtl()).atOffset(ZoneOffset.UTC));
    signOut.endOldest(tx, member.userId(), now);
    Tokens first = tokens.first(tx, sessionId, member, now);
    audit.record(
        tx,
        new Action(
            member.userId(),
            member.tenantId(),
            "session.opened",
            sessionId,
            Map.of("kind", kind.wireName, "wallet", member.wallet()),
            origin));
    return first;
  }
}
