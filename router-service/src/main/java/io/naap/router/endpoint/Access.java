package io.naap.router.endpoint;

/** Who may call an endpoint. */
public enum Access {
  /** Holders of an API key. */
  API_KEY("An API key as a bearer token, or in x-api-key"),
  /** The gateway whose secret is in the path. */
  GATEWAY_SECRET("The gateway whose secret is in the path"),
  /** Anybody: the address itself cannot be guessed. */
  ANYBODY("Anybody who knows the address");

  private final String words;

  Access(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }
}
