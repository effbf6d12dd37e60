package io.naap.metering.account;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.TenantDirectory;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.naap.metering.usage.ReadableTenant;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.math.BigDecimal;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** HTTP endpoints for tenants' billing accounts and balances. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class AccountResource {
  private static final int MAX_ALERTS = 20;

  private final Accounts accounts;
  private final TenantDirectory tenants;
  private final SecurityIdentity identity;

  AccountResource(Accounts accounts, TenantDirectory tenants, SecurityIdentity identity) {
    this.accounts = accounts;
    this.tenants = tenants;
    this.identity = identity;
  }

  /** Returns a tenant's balance, its spending a day and the days left. */
  @GET
  @Path("v1/usage/balance")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(
      operationId = "getBurn",
      summary = "The balance, what is spent a day, and the days left")
  @APIResponse(responseCode = "200", description = "The balance")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  public Account.BalanceView balance(@QueryParam("tenant_id") String tenantId) {
    return accounts.balance(ReadableTenant.oneTenant(Caller.of(identity), tenantId));
  }

  /** Returns the billing account of a tenant. */
  @GET
  @Path("v1/invoices/accounts/{tenant}")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "getAccount", summary = "How a tenant is billed")
  @APIResponse(responseCode = "200", description = "The account")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  public Account get(String tenant) {
    requireReadable(tenant);
    return accounts.find(tenant);
  }

  private void requireReadable(String tenant) {
    if (!IdKind.TENANT.matches(tenant) || !Caller.of(identity).mayRead(tenant)) {
      throw Refusal.notFound("tenant").raise();
    }
  }

  /** Changes the terms that only an operator may set: cadence, payment terms, tax, credit limit. */
  @PUT
  @Path("v1/invoices/accounts/{tenant}")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(
      operationId = "setAccountTerms",
      summary =
          "Set periods (from the end of the current one on), payment terms, tax and credit limit (operator)")
  @APIResponse(responseCode = "200", description = "The account")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such tenant")
  @APIResponse(responseCode = "409", description = "The next period has begun")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Account setTerms(String tenant, Account.Terms terms) {
    requireReadable(tenant);
    if (terms == null
        || terms.cadence().filter(c -> !List.of("calendar", "anniversary").contains(c)).isPresent()
        || terms.anchorDay().filter(day -> day < 1 || day > 31).isPresent()
        || terms.termsDays().filter(days -> days < 0 || days > 180).isPresent()
        || terms.taxName().filter(name -> name.isBlank() || name.length() > 50).isPresent()
        || terms.billTo().filter(text -> text.length() > 500).isPresent()
        || terms.creditLimit().filter(NanoUsd::isNegative).isPresent()
        || terms.taxPercent().filter(AccountResource::isNoPercentage).isPresent()) {
      throw Refusal.invalid(
              "cadence is calendar or anniversary, anchor_day 1 to 31, terms_days 0 to 180, tax_percent 0 to 100")
          .raise();
    }
    tenants.require(identity, tenant);
    return accounts.change(tenant, terms);
  }

  private static boolean isNoPercentage(BigDecimal percent) {
    return percent.signum() < 0
        || percent.compareTo(BigDecimal.valueOf(100)) > 0
        || percent.scale() > 6;
  }

  /** Changes the alerts and the automatic top-up, which the tenant may set itself. */
  @PUT
  @Path("v1/invoices/accounts/{tenant}/alerts")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME, Role.BILLING_NAME, Role.OPERATOR_NAME})
  @Operation(operationId = "setAlerts", summary = "Set what is told, and when to top up")
  @APIResponse(responseCode = "200", description = "The account")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither owner, admin, billing nor operator")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Account setAlerts(String tenant, Account.Alerts alerts) {
    requireReadable(tenant);
    if (alerts == null
        || alerts.spendAlerts().size() > MAX_ALERTS
        || alerts.spendAlerts().stream().anyMatch(mark -> !mark.isPositive())
        || alerts.topUpBelow().isPresent() != alerts.topUpAmount().isPresent()
        || alerts.topUpAmount().filter(amount -> !amount.isPositive()).isPresent()) {
      throw Refusal.invalid(
              "spend_alerts are at most 20 amounts above zero; top_up_below and top_up_amount go together")
          .raise();
    }
    tenants.require(identity, tenant);
    return accounts.change(tenant, alerts);
  }
}
