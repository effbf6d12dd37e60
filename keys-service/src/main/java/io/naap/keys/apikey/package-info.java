/** API keys: making, listing, changing and deleting them. Another tenant's key does not exist. */
package io.naap.keys.apikey;
