/**
 * Card payments through Stripe. Whatever is done at Stripe is named by us first and asked with that
 * name as its idempotency key; whatever Stripe tells is booked once, in whatever order it comes.
 */
package io.naap.clearinghouse.stripe;
