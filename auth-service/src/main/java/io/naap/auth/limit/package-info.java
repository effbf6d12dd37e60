/** Limits on the endpoints that anybody may call, per client address. */
package io.naap.auth.limit;
