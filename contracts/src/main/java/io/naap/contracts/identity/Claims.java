package io.naap.contracts.identity;

/** Names and values of the claims in access tokens (RFC 9068). */
public final class Claims {
  /** The {@code typ} header of every access token. */
  public static final String TYPE = "at+jwt";

  /** Audience of the tokens of people and service accounts. */
  public static final String AUDIENCE = "naap";

  /** Audience of the tokens that services call each other with. */
  public static final String INTERNAL_AUDIENCE = "naap-internal";

  /** The tenant the caller acts for, {@code ten_...}. */
  public static final String TENANT = "tid";

  /** Names of {@link Role}. */
  public static final String ROLES = "roles";

  /** EIP-55 address of the wallet that signed in. */
  public static final String WALLET = "wallet";

  /** Id of the session, {@code ses_...}. */
  public static final String SESSION = "sid";

  /** When the person last signed in, in seconds of Unix time (RFC 9068, section 2.2.1). */
  public static final String AUTH_TIME = "auth_time";

  private Claims() {}
}
