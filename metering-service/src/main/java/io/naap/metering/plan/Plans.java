package io.naap.metering.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.naap.contracts.json.Json;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.TenantPlan;
import io.naap.metering.store.Transactions;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The plans there are, and who is on which. */
@ApplicationScoped
public class Plans {
  private static final String NEWEST =
      """
      select p.id, v.version, v.name, p.prepaid, p.tier, v.charges::text charges
      from plan p join plan_version v on v.plan_id = p.id
      where v.version = (select max(version) from plan_version where plan_id = p.id)""";

  private final Transactions transactions;

  /** By reference; bounded by how many versions were ever used. */
  private final Map<String, Plan> versions = new ConcurrentHashMap<>();

  Plans(Transactions transactions) {
    this.transactions = transactions;
  }

  /** Charges as they are stored. */
  public record StoredCharges(List<Charge> charges) {
    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    public StoredCharges {
      charges = List.copyOf(charges);
    }
  }

  List<OfferedPlan> all() {
    return transactions.run(tx -> tx.query(NEWEST + " order by p.id")).stream()
        .map(Plans::offered)
        .toList();
  }

  Optional<OfferedPlan> find(String id) {
    return transactions.run(tx -> tx.one(NEWEST + " and p.id = $1", id)).map(Plans::offered);
  }

  /** The plan of a tenant; the default one when none was given to it. */
  TenantPlan of(String tenantId) {
    OfferedPlan offered =
        transactions
            .run(
                tx ->
                    tx.one(
                        NEWEST
                            + """
                             and (p.id = (select plan_id from tenant_plan where tenant_id = $1)
                              or p.is_default and not exists
                                (select 1 from tenant_plan where tenant_id = $1))""",
                        tenantId))
            .map(Plans::offered)
            .orElseThrow(() -> new IllegalStateException("there is no default plan"));
    return new TenantPlan(
        tenantId,
        offered.plan(),
        offered.prepaid(),
        offered.tier(),
        KeyLimits.NONE,
        List.of(),
        List.of(),
        TenantPlan.GOOD);
  }

  /** The version an event names, {@code pln_...@3}. */
  public Optional<Plan> version(String reference) {
    Plan known = versions.get(reference);
    if (known != null) {
      return Optional.of(known);
    }
    int at = reference.lastIndexOf('@');
    if (at < 1 || !reference.substring(at + 1).matches("[0-9]{1,9}")) {
      return Optional.empty();
    }
    Optional<Plan> found =
        transactions
            .run(
                tx ->
                    tx.one(
                        "select plan_id id, version, name, true prepaid, '' tier,"
                            + " charges::text charges from plan_version"
                            + " where plan_id = $1 and version = $2",
                        reference.substring(0, at),
                        Integer.valueOf(reference.substring(at + 1))))
            .map(Plans::offered)
            .map(OfferedPlan::plan);
    found.ifPresent(plan -> versions.put(reference, plan));
    return found;
  }

  private static OfferedPlan offered(Row row) {
    return new OfferedPlan(
        row.getString("id"),
        row.getInteger("version"),
        row.getString("name"),
        row.getBoolean("prepaid"),
        row.getString("tier"),
        Json.read("{\"charges\":" + row.getString("charges") + "}", StoredCharges.class).charges());
  }
}
