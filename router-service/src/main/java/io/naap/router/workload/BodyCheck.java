package io.naap.router.workload;

import io.vertx.core.buffer.Buffer;

/**
 * Looks at what passes on to a gateway after the beginning that was read here. Both throw the
 * refusal of a body that the gateway could read in another way; it has not had all of the body
 * then, and does nothing with the rest.
 */
public interface BodyCheck {
  /** Nothing to look at. */
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
   * The next bytes that came.
   *
   * @return what may be passed on by now; the rest is kept until more comes, or the end
   */
  Buffer see(Buffer bytes);

  /**
   * There are no more.
   *
   * @return what was kept, to be passed on
   */
  Buffer end();
}
