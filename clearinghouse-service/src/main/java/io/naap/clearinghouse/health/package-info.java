/** The readiness of this process. */
package io.naap.clearinghouse.health;
