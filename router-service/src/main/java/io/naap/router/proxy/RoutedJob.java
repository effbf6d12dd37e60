package io.naap.router.proxy;

import io.naap.contracts.rating.TenantPlan;
import io.naap.router.routing.Route;
import java.util.List;

/**
 * Where a job may go, and under which plan.
 *
 * @param model that the gateways serve it with
 * @param routes the gateways that may have it, the best one first
 */
public record RoutedJob(TenantPlan plan, String tier, String model, List<Route> routes) {}
