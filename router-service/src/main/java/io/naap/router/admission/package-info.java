/**
 * One decision, all or nothing: every rate, cap, concurrency and money. Without the store nothing
 * is admitted; what was held is settled once, or gives itself back.
 */
package io.naap.router.admission;
