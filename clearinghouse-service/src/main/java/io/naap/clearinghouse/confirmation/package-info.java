/**
 * Holds what stock go-livepeer signers were authorised to sign against what their events on Kafka
 * say they signed. Off unless a broker is configured; it flags, and never moves money.
 */
package io.naap.clearinghouse.confirmation;
