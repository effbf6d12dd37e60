/** Introspection of keys (RFC 7662). A tenant sees only its own keys, services see all. */
package io.naap.keys.introspect;
