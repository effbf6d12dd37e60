package io.naap.keys;

import io.naap.keys.apikey.KeyChange;
import io.naap.keys.apikey.KeyPage;
import io.naap.keys.apikey.KeyView;
import io.naap.keys.apikey.NewKey;
import io.naap.keys.apikey.Scopes;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** What crosses JSON here, for native executables. */
@RegisterForReflection(
    targets = {
      KeyChange.class,
      KeyPage.class,
      KeyView.class,
      NewKey.class,
      Scopes.class,
      String[].class
    })
public final class NativeTypes {
  private NativeTypes() {}
}
