/**
 * Creating, listing, changing and deleting API keys. A key of another tenant is answered like one
 * that does not exist.
 */
package io.naap.keys.apikey;
