/** What a job will cost, by the same rating metering bills with. */
package io.naap.router.pricing;
