/** Readiness of this process. */
package io.naap.metering.health;
