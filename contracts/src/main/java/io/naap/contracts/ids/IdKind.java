package io.naap.contracts.ids;

/** The kinds of ids and their prefixes. */
public enum IdKind {
  USER("usr"),
  TENANT("ten"),
  KEY("key"),
  REQUEST("req"),
  EVENT("evt"),
  SESSION("ses"),
  INVOICE("inv"),
  PAYMENT("pay"),
  JOURNAL("jnl"),
  TICKET("tkt"),
  WEBHOOK("whk"),
  PLAN("pln"),
  FUNDING("fnd"),
  STREAM("str"),
  SERVICE_ACCOUNT("svc"),
  INVITATION("ivt"),
  BUDGET("bdg"),
  SIGNER_TOKEN("sgt"),
  INTENT("int");

  private final String prefix;

  IdKind(String prefix) {
    this.prefix = prefix;
  }

  public String prefix() {
    return prefix;
  }

  /** True when the text is an id of this kind; false for null. */
  public boolean matches(String id) {
    return id != null
        && id.length() == prefix.length() + 1 + Ids.BODY_LENGTH
        && id.startsWith(prefix)
        && id.charAt(prefix.length()) == '_'
        && Ids.isBody(id, prefix.length() + 1);
  }
}
