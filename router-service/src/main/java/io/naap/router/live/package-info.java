/**
 * Streams that outlive their request: live AI, metered by their gateway's heartbeats, and BYOC
 * streams, whose gateway is asked. Each stretch is billed once, its successor's hold is taken
 * first, and a stream ends within one renewal of the end of its money, its limits, its key or its
 * tenant's good standing.
 */
package io.naap.router.live;
