/**
 * Identifiers: a prefix that names the kind, then a UUIDv7 in 26 characters that sort by time (the
 * TypeID format). They are safe in URLs, headers and logs.
 */
package io.naap.contracts.ids;
