/**
 * HTTP without the product's rules: reads bodies under limits of memory, rate and time, checks that
 * JSON can be read in one way only, relays bytes with back-pressure, writes error answers and
 * closes connections.
 */
package io.naap.router.http;
