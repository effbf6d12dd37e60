package io.naap.router.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.TenantPlan;
import io.naap.router.routing.Gateway;
import io.naap.router.routing.Pool;
import io.naap.router.routing.Route;
import io.naap.router.routing.RoutingTable;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The models that a key may use in its tier: OpenAI's fields, and also the capability, the prices
 * in the tenant's own plan and the health of the gateways. A model that serves two capabilities is
 * listed once for each.
 */
final class ModelList {
  private final ObjectMapper json;
  private final KeyProfile profile;
  private final TenantPlan plan;
  private final RoutingTable table;
  private final String tier;

  ModelList(ObjectMapper json, KeyProfile profile, TenantPlan plan, RoutingTable table) {
    this.json = json;
    this.profile = profile;
    this.plan = plan;
    this.table = table;
    this.tier = plan.access().tierOf(profile.tier());
  }

  ObjectNode json() {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("object", "list");
    ArrayNode data = body.putArray("data");
    offered()
        .forEach(
            (capability, models) -> {
              if (isAllowed(profile.capabilities(), capability)
                  && isAllowed(plan.access().capabilities(), capability)) {
                for (String model : models) {
                  if (isAllowed(profile.models(), model)
                      && isAllowed(plan.access().models(), model)) {
                    data.add(model(capability, model));
                  }
                }
              }
            });
    return body;
  }

  /**
   * The models by capability, in the table's order; where a pool serves any model, those that its
   * gateways discovered.
   */
  private Map<String, Set<String>> offered() {
    Map<String, Set<String>> offered = new LinkedHashMap<>();
    for (Pool pool : table.pools()) {
      if (pool.tier().equals(tier)) {
        pool.capabilities()
            .forEach(
                (capability, models) -> {
                  Set<String> of =
                      offered.computeIfAbsent(capability, fresh -> new LinkedHashSet<>());
                  for (String model : models) {
                    if (model.equals("*")) {
                      pool.gateways().forEach(one -> of.addAll(discovered(one, capability)));
                    } else {
                      of.add(model);
                    }
                  }
                });
      }
    }
    return offered;
  }

  private static Set<String> discovered(Gateway gateway, String capability) {
    return gateway
        .discovered()
        .offers()
        .map(offers -> offers.getOrDefault(capability, Map.of()).keySet())
        .orElse(Set.of());
  }

  private static boolean isAllowed(List<String> allowed, String name) {
    return allowed.isEmpty() || allowed.contains(name);
  }

  private ObjectNode model(String capability, String model) {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", model)
            .put("object", "model")
            .put("created", 0)
            .put("owned_by", "livepeer")
            .put("capability", capability)
            .put("tier", tier);
    node.set("pricing", pricing(capability, model));
    node.set("health", health(table.all(capability, model, tier), capability, model));
    return node;
  }

  /** The charges of the plan that price this model, as the plan writes them. */
  private ArrayNode pricing(String capability, String model) {
    ArrayNode charges = JsonNodeFactory.instance.arrayNode();
    for (Charge charge : plan.plan().charges()) {
      if (charge instanceof Charge.Counted counted && charge.filter().matches(capability, model)) {
        JsonNode written = json.valueToTree(charge);
        if (written instanceof ObjectNode shown) {
          shown.remove("filter");
          shown.put("unit", counted.unit().wireName());
          shown.put("currency", "USD");
          charges.add(shown);
        }
      }
    }
    return charges;
  }

  /**
   * {@code up} while no gateway is ejected, {@code degraded} while some are, {@code down} while all
   * are or none has an orchestrator for the model.
   */
  private static ObjectNode health(List<Route> routes, String capability, String model) {
    int ejected = 0;
    int known = 0;
    int orchestrators = 0;
    for (Route route : routes) {
      if (route.gateway().health().isEjected()) {
        ejected++;
      }
      Optional<Integer> serving = route.gateway().discovered().orchestrators(capability, model);
      if (serving.isPresent()) {
        known++;
        orchestrators += serving.get();
      }
    }
    boolean nobody = known == routes.size() && orchestrators == 0;
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put(
                "status",
                ejected == routes.size() || nobody ? "down" : ejected > 0 ? "degraded" : "up")
            .put("gateways", routes.size())
            .put("gateways_ejected", ejected);
    if (known > 0) {
      node.put("orchestrators", orchestrators);
    }
    return node;
  }
}
