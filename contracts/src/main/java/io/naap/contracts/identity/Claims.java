package io.naap.contracts.identity;

/** Names and values in access tokens (RFC 9068). */
public final class Claims {
  /** The {@code typ} header of every access token. */
  public static final String TYPE = "at+jwt";

  /** Audience of tokens for people and their programs. */
  public static final String AUDIENCE = "naap";

  /** Audience of tokens the services call each other with. */
  public static final String INTERNAL_AUDIENCE = "naap-internal";

  /** The tenant the caller acts for, {@code ten_...}. */
  public static final String TENANT = "tid";

  /** Names of {@link Role}. */
  public static final String ROLES = "roles";

  /** The wallet that signed in: an EIP-55 address. */
  public static final String WALLET = "wallet";

  /** The session, {@code ses_...}. */
  public static final String SESSION = "sid";

  /** When the person proved who they are: seconds of Unix time (RFC 9068, section 2.2.1). */
  public static final String AUTH_TIME = "auth_time";

  private Claims() {}
}
