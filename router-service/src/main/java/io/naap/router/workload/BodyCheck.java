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
        public void see(Buffer bytes) {}

        @Override
        public void end() {}
      };

  /** The next bytes, before they are passed on. */
  void see(Buffer bytes);

  /** There are no more. */
  void end();
}
