/**
 * The hot wallet's key: read from a V3 keystore file, held here, used through one class. Nothing
 * else in the service sees it.
 */
package io.naap.clearinghouse.wallet;
