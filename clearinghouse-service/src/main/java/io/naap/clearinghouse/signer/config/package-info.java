/** The configuration of the remote signer. */
package io.naap.clearinghouse.signer.config;
