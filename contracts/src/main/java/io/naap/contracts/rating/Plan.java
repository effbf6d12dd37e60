package io.naap.contracts.rating;

import java.util.List;

/**
 * One version of a plan; a version never changes once it has been used.
 *
 * @param id {@code pln_...}
 * @param version from 1, without gaps
 * @param name shown to people
 * @param charges all that match a job apply; for one capability, give each unit one price
 */
public record Plan(String id, int version, String name, List<Charge> charges) {
  public Plan {
    charges = List.copyOf(charges);
  }

  /** How this version is named in events: {@code pln_...@3}. */
  public String reference() {
    return id + "@" + version;
  }
}
