package io.naap.auth;

import io.naap.auth.outbox.Outbox;
import io.naap.auth.session.Tokens;
import io.naap.auth.siwe.SiweResource;
import io.naap.auth.tenant.Member;
import io.naap.auth.tenant.TenantResource;
import io.naap.auth.tenant.Tenants;
import io.naap.auth.token.OAuthResource;
import io.naap.contracts.identity.Role;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** What crosses JSON here, for native executables. */
@RegisterForReflection(
    targets = {
      Member.class,
      Outbox.Event.class,
      Role.class,
      OAuthResource.Jwk.class,
      OAuthResource.Jwks.class,
      OAuthResource.Metadata.class,
      OAuthResource.OAuthError.class,
      OAuthResource.ServiceToken.class,
      SiweResource.NonceAnswer.class,
      SiweResource.SignedMessage.class,
      TenantResource.Me.class,
      Tenants.TenantPage.class,
      Tenants.TenantView.class,
      Tokens.class
    })
public final class NativeTypes {
  private NativeTypes() {}
}
