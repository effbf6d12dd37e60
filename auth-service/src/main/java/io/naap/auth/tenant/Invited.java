package io.naap.auth.tenant;

/** The result of inviting a wallet. */
sealed interface Invited {
  record Done(Invitations.InvitationView invitation) implements Invited {}

  /** The actor's role does not allow to invite somebody with the role. */
  record NotAllowed() implements Invited {}

  /** The wallet belongs to a member of the tenant. */
  record AlreadyMember() implements Invited {}

  /** The wallet has an open invitation into the tenant. */
  record AlreadyInvited() implements Invited {}

  /** The tenant has as many members and open invitations as it may have. */
  record TooMany(int most) implements Invited {}
}
