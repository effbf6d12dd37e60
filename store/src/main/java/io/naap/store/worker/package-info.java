/**
 * Background loops: each runs its rounds for as long as the service does, whatever fails in one of
 * them, and is watched. A loop that has died or hangs takes liveness down, so that the process is
 * restarted.
 */
package io.naap.store.worker;
