/**
 * Entries of a stream as events: each taken once, and what nobody understands set apart, never
 * dropped.
 */
package io.naap.clearinghouse.stream;
