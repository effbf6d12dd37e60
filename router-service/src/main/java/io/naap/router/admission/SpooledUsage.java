package io.naap.router.admission;

import io.naap.contracts.events.UsageRecorded;
import java.io.IOException;
import java.util.function.Consumer;

/** What the spool knows of usage on its way to metering. */
public interface SpooledUsage {
  /** The last position that metering has not confirmed; 0 for none. */
  long uncommitted();

  /** Reads what an earlier process of this router left unconfirmed, in order. Blocks. */
  void left(Consumer<UsageRecorded> reader) throws IOException;

  /** True when metering has confirmed this router's usage up to a position. */
  boolean isStored(long position);

  /** The same of any router, as far as this one has heard. */
  boolean isStored(String instance, long position);
}
