package io.naap.keys.leak;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;

/** The public keys of secret scanning, as GitHub publishes them. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record PublishedKeys(List<One> publicKeys) {
  public PublishedKeys {
    publicKeys = publicKeys == null ? List.of() : List.copyOf(publicKeys);
  }

  /**
   * One of them.
   *
   * @param key in PEM
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record One(String keyIdentifier, String key) {}
}
