package io.naap.auth;

import io.naap.auth.audit.Action;
import io.naap.auth.audit.Origin;
import io.naap.auth.device.DeviceGrants;
import io.naap.auth.device.DeviceResource;
import io.naap.auth.grant.Introspection;
import io.naap.auth.grant.TokenResource;
import io.naap.auth.metadata.KeyResource;
import io.naap.auth.oauth.OAuthError;
import io.naap.auth.serviceaccount.ServiceAccountResource;
import io.naap.auth.serviceaccount.ServiceAccounts;
import io.naap.auth.session.SessionView;
import io.naap.auth.session.Tokens;
import io.naap.auth.siwe.SiweResource;
import io.naap.auth.tenant.InvitationResource;
import io.naap.auth.tenant.Invitations;
import io.naap.auth.tenant.KeysClient;
import io.naap.auth.tenant.Member;
import io.naap.auth.tenant.MemberKeys;
import io.naap.auth.tenant.MemberResource;
import io.naap.auth.tenant.Members;
import io.naap.auth.tenant.TenantResource;
import io.naap.auth.tenant.Tenants;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.store.idempotency.Idempotency;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Registers every record of this service that is read from or written as JSON, for native
 * executables.
 */
@RegisterForReflection(
    targets = {
      Action.class,
      Caller.class,
      DeviceGrants.Pending.class,
      DeviceResource.Authorization.class,
      DeviceResource.Decision.class,
      Idempotency.Answer.class,
      InvitationResource.Answered.class,
      InvitationResource.NewInvitation.class,
      Introspection.State.class,
      Introspection.State.Holder.class,
      Introspection.State.Issue.class,
      Invitations.InvitationView.class,
      KeyResource.Jwk.class,
      KeyResource.Jwks.class,
      KeyResource.KeyList.class,
      KeyResource.KeyView.class,
      KeyResource.Metadata.class,
      KeyResource.Metadata.Endpoints.class,
      KeyResource.Rotation.class,
      KeysClient.Key.class,
      Member.class,
      MemberKeys.Key.class,
      MemberResource.NewOwner.class,
      MemberResource.NewRole.class,
      MemberResource.RemovedMember.class,
      Members.MemberView.class,
      OAuthError.class,
      Origin.class,
      TokenResource.ServiceToken.class,
      Role.class,
      ServiceAccountResource.NewServiceAccount.class,
      ServiceAccounts.AccountView.class,
      ServiceAccounts.NewSecret.class,
      SessionView.class,
      SessionView.Client.class,
      SessionView.Times.class,
      SiweResource.NonceAnswer.class,
      SiweResource.SignedMessage.class,
      TenantResource.Me.class,
      TenantResource.Reason.class,
      TenantResource.TenantName.class,
      Tenants.TenantView.class,
      Tokens.class
    })
public final class NativeTypes {
  private NativeTypes() {}
}
