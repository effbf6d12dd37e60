/**
 * Where a job goes and whether it may. Nothing durable lives here but usage on its way to metering.
 */
package io.naap.router;
