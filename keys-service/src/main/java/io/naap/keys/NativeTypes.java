package io.naap.keys;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.keys.ApiKey;
import io.naap.keys.apikey.Clients;
import io.naap.keys.apikey.KeyFields;
import io.naap.keys.apikey.KeyResource;
import io.naap.keys.apikey.KeySettings;
import io.naap.keys.apikey.KeyView;
import io.naap.keys.apikey.NewKey;
import io.naap.keys.apikey.Rotation;
import io.naap.keys.apikey.Scopes;
import io.naap.keys.introspect.Introspection;
import io.naap.keys.leak.Feedback;
import io.naap.keys.leak.Finding;
import io.naap.keys.leak.PublishedKeys;
import io.naap.keys.limits.Ceiling;
import io.naap.keys.limits.EffectiveLimits;
import io.naap.keys.limits.TenantLimits;
import io.naap.keys.tier.PlanClient;
import io.naap.store.idempotency.Idempotency;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Registers every record of this service that is read from or written as JSON, for native
 * executables.
 */
@RegisterForReflection(
    targets = {
      ApiKey.class,
      Caller.class,
      Ceiling.class,
      Clients.class,
      EffectiveLimits.class,
      Feedback.class,
      Finding.class,
      Finding[].class,
      EffectiveLimits.Limit.class,
      Idempotency.Answer.class,
      Introspection.class,
      Role.class,
      KeyFields.class,
      KeyFields.Json.class,
      KeySettings.class,
      KeySettings.Json.class,
      KeyResource.Revocation.class,
      KeyResource.Revoked.class,
      KeyView.class,
      KeyView.History.class,
      KeyView.Live.class,
      NewKey.class,
      NewKey.Json.class,
      PlanClient.Answer.class,
      PublishedKeys.class,
      PublishedKeys.One.class,
      Rotation.class,
      Scopes.class,
      TenantLimits.class,
      String[].class
    })
public final class NativeTypes {
  private NativeTypes() {}
}
