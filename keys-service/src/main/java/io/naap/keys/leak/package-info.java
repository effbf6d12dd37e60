/**
 * Keys found in public places. A report that GitHub has signed revokes the key at once; anything
 * else changes nothing, and a report that comes twice changes nothing the second time.
 */
package io.naap.keys.leak;
