/**
 * Plans, their charges and the rating function. The router estimates and metering bills with this
 * same code. Pure and exact: no clock, no I/O, no floating point.
 */
package io.naap.contracts.rating;
