/** Configuration of keys-service. */
package io.naap.keys.config;
