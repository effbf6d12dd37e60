/**
 * metering-service measured and proven: usage as routers send it, millions of events, dead
 * consumers.
 */
package io.naap.deploy.bench.metering;
