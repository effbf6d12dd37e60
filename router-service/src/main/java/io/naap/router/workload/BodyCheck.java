package io.naap.router.workload;

import io.vertx.core.buffer.Buffer;

/**
 * Looks at the rest of a body on its way to the gateway. Both methods throw the refusal of a body
 * that the gateway could read in another way than the router; the gateway has not had the whole
 * body then, and does not start the job.
 */
public interface BodyCheck {
  /** Lets everything pass. */
  BodyCheck NONE =
      new BodyCheck() {
        @Override
        public Buffer see(Buffer bytes) {
          return bytes;
        }

        @Override
        public Buffer end() {
          return Buffer.buffer();
        }
      };

  /**
   * Takes the next bytes of the client.
   *
   * @return the bytes that may go to the gateway now; others are kept back until more come, or the
   *     end
   */
  Buffer see(Buffer bytes);

  /**
   * The client has sent all.
   *
   * @return the bytes that were kept back
   */
  Buffer end();
}
