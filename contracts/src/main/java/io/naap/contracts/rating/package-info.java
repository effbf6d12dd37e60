/**
 * What it costs. Plans, their charges and the one rating function; the router estimates and
 * metering bills with this same code. Pure and exact: no clock, no I/O, no floating point.
 */
package io.naap.contracts.rating;
