/**
 * Streams that outlive their request: live AI, whose gateway sends heartbeats, and BYOC streams,
 * whose gateway is asked. A stream is billed in stretches of {@code naap.live.stretch}. Each
 * stretch is billed once, and the next one's hold is taken first. A stream ends within one stretch
 * after its money, its limits, its key or its tenant's good standing end.
 */
package io.naap.router.live;
