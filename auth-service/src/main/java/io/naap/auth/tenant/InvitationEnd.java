package io.naap.auth.tenant;

/** The result of accepting, declining or withdrawing an invitation. */
sealed interface InvitationEnd {
  /** The invitation into the tenant is not open any more. */
  record Ended(String tenantId) implements InvitationEnd {}

  /** There is no such open invitation. */
  record NoneOpen() implements InvitationEnd {}

  /** The actor's role does not allow to withdraw an invitation with its role. */
  record NotAllowed() implements InvitationEnd {}
}
