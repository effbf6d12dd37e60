/** Limits per client address and per client on endpoints that anybody may call. */
package io.naap.auth.limit;
