/** How keys-service is configured. */
package io.naap.keys.config;
