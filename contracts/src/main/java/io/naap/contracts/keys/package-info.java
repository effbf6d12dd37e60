/** API keys as other services see them: their text form, profile and limits. */
package io.naap.contracts.keys;
