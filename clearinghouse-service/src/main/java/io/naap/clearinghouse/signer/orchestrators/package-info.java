/** The orchestrators a caller may discover, and the highest price each may ask. */
package io.naap.clearinghouse.signer.orchestrators;
