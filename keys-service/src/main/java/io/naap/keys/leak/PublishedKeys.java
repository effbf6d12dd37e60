package io.naap.keys.leak;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;

/** GitHub's list of public keys for secret scanning. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record PublishedKeys(List<One> publicKeys) {
  public PublishedKeys {
    publicKeys = publicKeys == null ? List.of() : List.copyOf(publicKeys);
  }

  /**
   * A public key of the list.
   *
   * @param key in PEM
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record One(String keyIdentifier, String key) {}
}
