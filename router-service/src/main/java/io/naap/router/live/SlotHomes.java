package io.naap.router.live;

import io.vertx.core.Future;
import java.util.List;

/** Which router has the concurrency slot of a stream: its home. */
interface SlotHomes {
  /** The answer to a claim to a stream's slot. */
  sealed interface Claim {
    /** A router that is not silent has the slot. */
    record Taken() implements Claim {}

    /**
     * No router has the slot; the caller must take it now.
     *
     * @param withoutMillis for how long the stream has been without
     */
    record Claimed(long withoutMillis) implements Claim {}
  }

  /** Claims the slot of a stream, unless a router has it that is not silent. */
  Future<Claim> claim(String streamId, String router, long silentMillis);

  /** Says which streams' slots a router has; gives those back that ended or moved. */
  Future<List<String>> home(String router, List<String> streamIds, long silentMillis);
}
