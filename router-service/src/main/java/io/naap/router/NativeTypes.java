package io.naap.router;

import io.naap.router.live.LiveSession;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** The one list of this service's own types that cross JSON, for native executables. */
@RegisterForReflection(targets = {LiveSession.class})
public final class NativeTypes {
  private NativeTypes() {}
}
