/**
 * The secrets that key hashes are computed with. Several may be known, so that they can be changed
 * without a break.
 */
package io.naap.keys.pepper;
