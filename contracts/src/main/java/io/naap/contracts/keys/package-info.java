/** API keys as other services see them: the grammar of the key, its profile, its limits. */
package io.naap.contracts.keys;
