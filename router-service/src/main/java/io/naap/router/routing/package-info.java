/**
 * Says which gateways may do a job, and keeps their health. A bad routing table is refused and the
 * last good one stays.
 */
package io.naap.router.routing;
