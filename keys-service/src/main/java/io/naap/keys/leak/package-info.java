/**
 * Keys found in public places. A report signed by GitHub deletes the keys at once; an unsigned
 * report changes nothing, and neither does a repeated one.
 */
package io.naap.keys.leak;
