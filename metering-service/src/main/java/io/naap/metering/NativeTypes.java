package io.naap.metering;

import io.naap.metering.account.Account;
import io.naap.metering.cost.CostBook;
import io.naap.metering.cost.CostResource;
import io.naap.metering.ingest.DeadLetterResource;
import io.naap.metering.ingest.DeadLetters;
import io.naap.metering.ingest.IntakeResource;
import io.naap.metering.ingest.RepairRequest;
import io.naap.metering.ingest.TakenEvents;
import io.naap.metering.invoice.Invoice;
import io.naap.metering.invoice.InvoiceResource;
import io.naap.metering.invoice.Verification;
import io.naap.metering.plan.Assignment;
import io.naap.metering.plan.Budget;
import io.naap.metering.plan.OfferedPlan;
import io.naap.metering.plan.OverrideRequest;
import io.naap.metering.plan.PlanRequest;
import io.naap.metering.plan.Plans;
import io.naap.metering.plan.PriceBook;
import io.naap.metering.requestlog.RequestLogResource;
import io.naap.metering.usage.CloudEvent;
import io.naap.metering.usage.Explanation;
import io.naap.metering.usage.UsageCursor;
import io.naap.metering.usage.UsageEventView;
import io.naap.metering.usage.UsagePage;
import io.naap.metering.usage.UsageRow;
import io.naap.metering.usage.WhatIfResource;
import io.naap.metering.webhook.Webhook;
import io.naap.store.stream.StreamReader;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** Every record of this service that crosses JSON, for native executables. */
@RegisterForReflection(
    targets = {
      DeadLetters.Open.class,
      Account.class,
      Account.Alerts.class,
      Account.BalanceView.class,
      Account.Terms.class,
      CostBook.Entries.class,
      CostBook.Entry.class,
      CostBook.Version.class,
      CostResource.BookPage.class,
      CostResource.BookRequest.class,
      CostResource.MarginPage.class,
      CostResource.MarginRow.class,
      TakenEvents.class,
      TakenEvents.Taken.class,
      DeadLetterResource.Dismissal.class,
      DeadLetterResource.Replay.class,
      IntakeResource.Correction.class,
      IntakeResource.DeadLetter.class,
      IntakeResource.DeadLetter.Page.class,
      IntakeResource.MissingUsage.class,
      IntakeResource.MissingUsagePage.class,
      IntakeResource.QuarantinedEvent.class,
      IntakeResource.QuarantinedEvent.Page.class,
      RepairRequest.class,
      RepairRequest.Repaired.class,
      Invoice.class,
      Invoice.KeyLine.class,
      Invoice.Line.class,
      Invoice.Page.class,
      InvoiceResource.CreditNoteRequest.class,
      Verification.Difference.class,
      Verification.Report.class,
      Assignment.class,
      Assignment.Page.class,
      Assignment.Request.class,
      Budget.class,
      Budget.Page.class,
      Budget.Request.class,
      OfferedPlan.class,
      OfferedPlan.Page.class,
      OverrideRequest.class,
      PlanRequest.class,
      Plans.StoredCharges.class,
      PriceBook.class,
      PriceBook.Page.class,
      PriceBook.Request.class,
      RequestLogResource.RequestPage.class,
      StreamReader.Entry.class,
      CloudEvent.class,
      CloudEvent.Data.class,
      CloudEvent.Exported.class,
      Explanation.class,
      Explanation.Line.class,
      UsageCursor.Values.class,
      UsageEventView.class,
      UsageEventView.Page.class,
      UsagePage.class,
      UsageRow.class,
      WhatIfResource.Compared.class,
      WhatIfResource.Comparison.class,
      WhatIfResource.WhatIf.class,
      Webhook.class,
      Webhook.Delivery.class,
      Webhook.Delivery.Page.class,
      Webhook.Page.class,
      Webhook.Request.class
    })
public final class NativeTypes {
  private NativeTypes() {}
}
