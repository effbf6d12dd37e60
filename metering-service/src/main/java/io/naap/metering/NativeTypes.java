package io.naap.metering;

import io.naap.metering.account.Account;
import io.naap.metering.correction.CorrectionResource;
import io.naap.metering.correction.Quarantine;
import io.naap.metering.correction.RepairRequest;
import io.naap.metering.cost.CostBook;
import io.naap.metering.cost.CostResource;
import io.naap.metering.cost.Margins;
import io.naap.metering.deadletter.DeadLetter;
import io.naap.metering.deadletter.DeadLetterResource;
import io.naap.metering.deadletter.DeadLetters;
import io.naap.metering.intake.TakenEvents;
import io.naap.metering.invoice.Invoice;
import io.naap.metering.invoice.InvoiceResource;
import io.naap.metering.invoice.Verification;
import io.naap.metering.plan.Assignment;
import io.naap.metering.plan.Budget;
import io.naap.metering.plan.OfferedPlan;
import io.naap.metering.plan.OverrideRequest;
import io.naap.metering.plan.PlanRequest;
import io.naap.metering.plan.PlanVersions;
import io.naap.metering.plan.PriceBook;
import io.naap.metering.usage.CloudEvent;
import io.naap.metering.usage.Explanation;
import io.naap.metering.usage.Measured;
import io.naap.metering.usage.UsageEventView;
import io.naap.metering.usage.UsagePage;
import io.naap.metering.usage.UsageRow;
import io.naap.metering.usage.WhatIfResource;
import io.naap.metering.watermark.MissingUsage;
import io.naap.metering.webhook.Webhook;
import io.naap.store.stream.StreamReader;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Registers every record of this service that is read from or written to JSON, for native
 * executables.
 */
@RegisterForReflection(
    targets = {
      DeadLetters.Open.class,
      Account.class,
      Account.Alerts.class,
      Account.Cadence.class,
      Account.Invoicing.class,
      Account.BalanceView.class,
      Account.Terms.class,
      CostBook.Entries.class,
      CostBook.Entry.class,
      CostBook.Version.class,
      CostResource.BookRequest.class,
      Margins.Margin.class,
      TakenEvents.class,
      TakenEvents.Taken.class,
      DeadLetterResource.Dismissal.class,
      DeadLetterResource.Replay.class,
      CorrectionResource.Correction.class,
      DeadLetter.class,
      DeadLetter.Resolution.class,
      MissingUsage.Range.class,
      Quarantine.Job.class,
      Quarantine.QuarantinedEvent.class,
      RepairRequest.class,
      RepairRequest.Repaired.class,
      Invoice.class,
      Invoice.Identity.class,
      Invoice.Jobs.class,
      Invoice.KeyLine.class,
      Invoice.Line.class,
      Invoice.Parties.class,
      Invoice.Progress.class,
      Invoice.Totals.class,
      InvoiceResource.CreditNoteRequest.class,
      Verification.Difference.class,
      Verification.Report.class,
      Assignment.class,
      Assignment.Request.class,
      Budget.class,
      Budget.Request.class,
      OfferedPlan.class,
      OfferedPlan.Origin.class,
      OverrideRequest.class,
      PlanRequest.class,
      PlanRequest.Access.class,
      PlanRequest.Flat.class,
      PlanVersions.StoredCharges.class,
      PriceBook.class,
      PriceBook.Request.class,
      StreamReader.Entry.class,
      CloudEvent.class,
      CloudEvent.Data.class,
      CloudEvent.Exported.class,
      CloudEvent.Flat.class,
      CloudEvent.Run.class,
      Explanation.class,
      Explanation.Line.class,
      Measured.class,
      UsageEventView.class,
      UsageEventView.Amounts.class,
      UsageEventView.Billing.class,
      UsageEventView.Job.class,
      UsageEventView.Source.class,
      UsagePage.class,
      UsageRow.class,
      UsageRow.Group.class,
      WhatIfResource.Compared.class,
      WhatIfResource.Comparison.class,
      WhatIfResource.WhatIf.class,
      Webhook.class,
      Webhook.Delivery.class,
      Webhook.LastAttempt.class,
      Webhook.Times.class,
      Webhook.Request.class
    })
public final class NativeTypes {
  private NativeTypes() {}
}
