/** What is this key? RFC 7662 for keys: a tenant learns of its own keys only, services of all. */
package io.naap.keys.introspect;
