/**
 * Decides whether a job may run: every rate, cap, concurrency and money, all or nothing. Without
 * Redis nothing new is leased, and so nothing is admitted beyond what is leased. What was held is
 * settled once, or gives itself back.
 */
package io.naap.router.admission;
