/**
 * Every job becomes one usage event, which survives the death of this process and of Redis.
 *
 * <p>A job is recorded in these steps: its event is added to the spool's open batch, in memory; at
 * the end of the event loop's turn one thread writes the batch, settles the holds of all its jobs
 * and lets their answers end; the publisher sends the events to the usage streams; when metering
 * has stored them and Redis has counted them, the spool drops them.
 *
 * <p>Order of the locks: {@link io.naap.router.usage.UsageRecorder}'s, then that of the spool's
 * writer, then the spool's; the publisher's, then the spool's. All but the writer's are held for
 * work in memory only. The writer's is held while a batch is written, by the one thread that
 * writes, and else only taken when the spool closes.
 */
package io.naap.router.usage;
