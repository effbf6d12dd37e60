package io.naap.deploy.local;

/** A process of the platform that can be started again after it ended. */
interface Part {
  /** As people know it, for example {@code router-service} or {@code Postgres}. */
  String name();

  /** False when it ended though nobody asked it to. */
  boolean isAlive();

  /** Why it ended, in one line, as far as that is known. */
  String reason();

  /**
   * Starts it again and waits until it is ready.
   *
   * @throws IllegalStateException when it does not start; the message says why
   */
  void restart() throws InterruptedException;
}
