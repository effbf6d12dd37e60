package io.naap.auth.tenant;

/** The result of a change of a tenant's members. */
sealed interface MemberChange {
  record Done() implements MemberChange {}

  /** Why nothing was changed. */
  sealed interface Refused extends MemberChange {}

  /** The actor's role does not allow the change; service accounts have no role in memberships. */
  record NotAllowed() implements Refused {}

  record NoSuchMember() implements Refused {}

  /** The tenant would have no owner. */
  record LastOwner() implements Refused {}

  /** The new owner is the owner. */
  record SameOwner() implements Refused {}
}
