package io.naap.contracts;

import io.naap.contracts.audit.AuditEntry;
import io.naap.contracts.clearing.FundRequest;
import io.naap.contracts.clearing.Funding;
import io.naap.contracts.events.BalanceChanged;
import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.events.ChargesAsked;
import io.naap.contracts.events.ChargesListed;
import io.naap.contracts.events.ChargesSummed;
import io.naap.contracts.events.FeeCharged;
import io.naap.contracts.events.InvoiceFinalized;
import io.naap.contracts.events.InvoicePaid;
import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.KeyChanged;
import io.naap.contracts.events.NetworkCostIncurred;
import io.naap.contracts.events.PlanChanged;
import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.events.Sponsored;
import io.naap.contracts.events.TenantChanged;
import io.naap.contracts.events.TopUpWanted;
import io.naap.contracts.events.UsageCommitted;
import io.naap.contracts.events.UsageMissing;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.identity.TrustDocument;
import io.naap.contracts.keys.Cap;
import io.naap.contracts.keys.ClientAddress;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.keys.ResolveKey;
import io.naap.contracts.keys.TenantConsumption;
import io.naap.contracts.keys.UnitRate;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.Amount;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.money.Wei;
import io.naap.contracts.page.Page;
import io.naap.contracts.problem.Problem;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.Filter;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.PlanAccess;
import io.naap.contracts.rating.Proration;
import io.naap.contracts.rating.Standing;
import io.naap.contracts.rating.TenantPlan;
import io.naap.contracts.rating.Terms;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Registers every record of this module that is read from or written as JSON, so that native
 * executables keep its constructors. Each service has its own list of the same name, and a test in
 * every build fails when a type is missing from its list.
 */
@RegisterForReflection(
    targets = {
      Amount.class,
      AuditEntry.class,
      AuditEntry.Act.class,
      BalanceChanged.class,
      Cap.class,
      ClientAddress.Source.class,
      Cap.Window.class,
      Charge.class,
      Charge.Counted.class,
      Charge.Credits.class,
      Charge.Graduated.class,
      Charge.Grant.class,
      Charge.Included.class,
      Charge.Packages.class,
      Charge.PerMinute.class,
      Charge.PerRequest.class,
      Charge.PerSecond.class,
      Charge.Subscription.class,
      Charge.Tier.class,
      Charge.Usage.class,
      Charge.Volume.class,
      ChargeRated.class,
      ChargeRated.Flat.class,
      ChargeRated.Job.class,
      ChargeRated.Price.class,
      ChargeRated.Source.class,
      ChargesAsked.class,
      ChargesListed.class,
      ChargesListed.Listed.class,
      ChargesSummed.class,
      FeeCharged.class,
      Filter.class,
      FundRequest.class,
      Funding.class,
      InvoiceFinalized.class,
      InvoicePaid.class,
      JobOutcome.class,
      KeyChanged.class,
      KeyConsumption.class,
      KeyConsumption.Window.class,
      KeyLimits.class,
      KeyProfile.class,
      KeyProfile.Expiry.class,
      KeyProfile.Freshness.class,
      KeyProfile.Limits.class,
      KeyProfile.Scope.class,
      NanoUsd.class,
      Page.class,
      NetworkCostIncurred.class,
      Plan.class,
      PlanAccess.class,
      PlanChanged.class,
      PeriodUsage.class,
      Problem.class,
      RequestLogged.class,
      RequestLogged.Answer.class,
      RequestLogged.Flat.class,
      RequestLogged.Request.class,
      ResolveKey.class,
      Proration.class,
      Sponsored.class,
      Standing.class,
      TenantChanged.class,
      TenantConsumption.class,
      TenantPlan.class,
      Terms.class,
      Terms.Trial.class,
      TopUpWanted.class,
      TrustDocument.class,
      TrustDocument.Key.class,
      Unit.class,
      UnitRate.class,
      Units.class,
      UsageCommitted.class,
      UsageMissing.class,
      UsageRecorded.class,
      UsageRecorded.End.class,
      UsageRecorded.Source.class,
      UsageRecorded.What.class,
      UsageRecorded.Who.class,
      Wei.class
    })
public final class NativeTypes {
  private NativeTypes() {}
}
