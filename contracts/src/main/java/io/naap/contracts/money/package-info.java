/**
 * Exact money: one type per currency, arithmetic that throws on overflow, one rounding method. In
 * JSON an amount is {@code {"amount":"0.00125","currency":"USD"}}, a plain decimal string and a
 * currency.
 */
package io.naap.contracts.money;
