package io.naap.clearinghouse.balance;

import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.TenantMoney;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Balances. */
@Path("/v1/balance")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class BalanceResource {
  private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");
  private static final int DEFAULT_LIMIT = 20;
  private static final int MAX_LIMIT = 100;
  private static final String STATEMENT =
      """
      with account_of as (select id, balance from account where owner = $1 and kind = $2),
      page as (
        select p.id, p.journal_id, p.amount from posting p join account_of a on a.id = p.account_id
        where p.id < $3 order by p.id desc limit $4)
      select p.id, p.journal_id, j.kind, j.description, j.occurred_at, j.created_at,
        p.amount::bigint amount,
        (select coalesce(sum(q.amount), 0) from posting q join account_of a on a.id = q.account_id
          where q.id <= p.id)::bigint after
      from page p join journal j on j.id = p.journal_id order by p.id desc""";

  /** Journals that changed what the tenant has in sum; the balance is what they add up to. */
  private static final String WHOLE =
      """
      with mine as (%s),
      moved as (
        select p.journal_id, max(p.id) as id, sum(p.amount) as amount
        from posting p join mine a on a.id = p.account_id group by p.journal_id
        having sum(p.amount) <> 0),
      summed as (select *, sum(amount) over (order by id) as after from moved)
      select s.id, s.journal_id, j.kind, j.description, j.occurred_at, j.created_at,
        s.amount::bigint amount, s.after::bigint after
      from summed s join journal j on j.id = s.journal_id
      where s.id < $2 order by s.id desc limit $3"""
          .formatted(TenantMoney.ACCOUNTS);

  private static final String BALANCE = "balance";

  private final Ledger ledger;
  private final SecurityIdentity identity;

  BalanceResource(Ledger ledger, SecurityIdentity identity) {
    this.ledger = ledger;
    this.identity = identity;
  }

  /** The caller's tenant, or for operators and support any. */
  @GET
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "getBalance", summary = "What a tenant has")
  @APIResponse(responseCode = "200", description = "The balance")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  @SecurityRequirement(name = "SecurityScheme")
  public Balance get(@QueryParam("tenant_id") String tenantId, @QueryParam("at") String at) {
    String tenant = tenant(tenantId);
    return at == null ? read(tenant) : read(tenant, instant(at));
  }

  /** Movements of an account. */
  @GET
  @Path("/statement")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.BILLING_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(
      operationId = "getStatement",
      summary = "Every movement of what a tenant has, or of its credit or its debt alone")
  @APIResponse(responseCode = "200", description = "The movements, the newest first")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not allowed")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  @APIResponse(responseCode = "422", description = "Invalid")
  @SecurityRequirement(name = "SecurityScheme")
  public Statement statement(
      @QueryParam("tenant_id") String tenantId,
      @QueryParam("account") String account,
      @QueryParam("limit") Integer limit,
      @QueryParam("cursor") String cursor) {
    String tenant = tenant(tenantId);
    String kind = account == null ? BALANCE : account;
    int size = limit == null ? DEFAULT_LIMIT : limit;
    if (!Set.of(BALANCE, "credit", "owed").contains(kind)) {
      throw Refusal.invalid("account is balance, credit or owed").raise();
    }
    if (size < 1 || size > MAX_LIMIT) {
      throw Refusal.invalid("limit is between 1 and 100").raise();
    }
    if (cursor != null && !cursor.matches("[0-9]{1,18}")) {
      throw Refusal.invalid("cursor must be the next_cursor of the page before").raise();
    }
    long before = cursor == null ? Long.MAX_VALUE : Long.parseLong(cursor);
    List<Row> rows =
        ledger.read(
            tx ->
                BALANCE.equals(kind)
                    ? tx.query(WHOLE, tenant, before, size + 1)
                    : tx.query(STATEMENT, tenant, kind, before, size + 1));
    boolean more = rows.size() > size;
    List<Row> page = more ? rows.subList(0, size) : rows;
    return new Statement(
        tenant,
        kind,
        page.stream().map(BalanceResource::line).toList(),
        more ? page.getLast().getLong("id").toString() : null);
  }

  private static Statement.Line line(Row row) {
    return new Statement.Line(
        row.getString("journal_id"),
        row.getString("kind"),
        row.getString("description"),
        row.getOffsetDateTime("occurred_at").toInstant(),
        row.getOffsetDateTime("created_at").toInstant(),
        NanoUsd.ofNanos(row.getLong("amount")),
        NanoUsd.ofNanos(row.getLong("after")));
  }

  private String tenant(String tenantId) {
    Caller caller = Caller.of(identity);
    String tenant =
        tenantId == null
            ? caller.tenantId().orElseThrow(() -> Refusal.notFound("tenant").raise())
            : tenantId;
    if (!caller.mayRead(tenant) || tenant.indexOf('\0') >= 0) {
      throw Refusal.notFound("tenant").raise();
    }
    return tenant;
  }

  private static Instant instant(String text) {
    try {
      Instant at = Instant.parse(text);
      if (at.isBefore(Instant.EPOCH) || at.isAfter(LATEST)) {
        throw Refusal.invalid("at is out of range").raise();
      }
      return at;
    } catch (DateTimeException unreadable) {
      throw Refusal.invalid("at is an instant such as 2026-11-23T10:00:00Z").raise();
    }
  }

  /** From the postings alone: what was booked by then. */
  private Balance read(String tenantId, Instant at) {
    Row row =
        ledger
            .read(
                tx ->
                    tx.one(
                        """
                        select
                          coalesce(sum(p.amount) filter (where a.kind = 'credit'), 0)::bigint credit,
                          coalesce(sum(p.amount) filter (where a.kind in ('set_aside', 'held')), 0)::bigint aside,
                          coalesce(sum(p.amount) filter (where a.kind = 'owed'), 0)::bigint owed
                        from account a join posting p on p.account_id = a.id
                        join journal j on j.id = p.journal_id
                        where j.created_at <= $2 and ((a.owner = $1 and a.kind in ('credit', 'owed'))
                          or (a.kind = 'set_aside'
                            and a.owner in (select id from funding where tenant_id = $1))
                          or (a.kind = 'held' and a.owner in (
                            select state_id from signer_session where tenant_id = $1
                            union select state_id from stock_session where tenant_id = $1)))""",
                        tenantId,
                        at.atOffset(ZoneOffset.UTC)))
            .orElseThrow();
    return balance(tenantId, row);
  }

  private static Balance balance(String tenantId, Row row) {
    return Balance.of(
        tenantId,
        NanoUsd.ofNanos(row.getLong("credit")),
        NanoUsd.ofNanos(row.getLong("aside")),
        NanoUsd.ofNanos(row.getLong("owed")).negated());
  }

  private Balance read(String tenantId) {
    Row row =
        ledger
            .read(
                tx ->
                    tx.one(
                        """
                        select
                          coalesce(sum(balance) filter (where kind = 'credit'), 0)::bigint credit,
                          coalesce(sum(balance) filter (where kind in ('set_aside', 'held')), 0)::bigint aside,
                          coalesce(sum(balance) filter (where kind = 'owed'), 0)::bigint owed
                        from account
                        where (owner = $1 and kind in ('credit', 'owed'))
                          or (kind = 'set_aside'
                            and owner in (select id from funding where tenant_id = $1))
                          or (kind = 'held' and owner in (
                            select state_id from signer_session where tenant_id = $1
                            union select state_id from stock_session where tenant_id = $1))""",
                        tenantId))
            .orElseThrow();
    return balance(tenantId, row);
  }
}
