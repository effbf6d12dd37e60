/**
 * Card payments through Stripe. A charge or refund is stored with an id before Stripe is asked for
 * it with that id as its idempotency key; each event that Stripe sends is booked once, in whatever
 * order they come.
 */
package io.naap.clearinghouse.stripe;
