/** Whether this router can serve (readiness) and whether its background loops run (liveness). */
package io.naap.router.health;
