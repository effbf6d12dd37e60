/**
 * The kinds of jobs, one class each: what their requests may say, how they are estimated and how
 * they are measured. A request whose cost cannot be known is refused, and the gateway gets nothing
 * that it could read in another way than the router.
 */
package io.naap.router.workload;
