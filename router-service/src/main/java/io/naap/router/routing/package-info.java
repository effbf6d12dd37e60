/** Which gateways may do a job. A bad table is refused and the last good one stays. */
package io.naap.router.routing;
