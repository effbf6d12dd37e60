/** A change of a key or limit is stored with its announcement, and forgotten by nobody. */
package io.naap.keys.change;
