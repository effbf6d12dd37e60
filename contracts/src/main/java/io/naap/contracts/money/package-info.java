/**
 * Exact money. One type per unit, arithmetic that throws on overflow, one named rounding. On the
 * wire an amount is {@code {"amount":"0.00125","currency":"USD"}}: a plain decimal string and a
 * currency.
 */
package io.naap.contracts.money;
