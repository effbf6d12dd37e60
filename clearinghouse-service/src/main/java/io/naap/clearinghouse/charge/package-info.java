/**
 * Charges: what metering rated is debited once per usage event, for ever. First from the funding
 * that admitted the job, then from the tenant's credit; what is still missing is owed, never lost.
 */
package io.naap.clearinghouse.charge;
