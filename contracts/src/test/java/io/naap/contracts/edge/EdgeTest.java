package io.naap.contracts.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EdgeTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "v1/keys",
        "//v1/keys",
        "/v1//keys",
        "/v1/./keys",
        "/v1/../keys",
        "/v1/keys/..",
        "/v1/keys;a=b",
        "/v1/keys%3ba",
        "/v1/%2e%2e/keys",
        "/v1%2fkeys",
        "/v1%5ckeys",
        "/v1\\keys",
        "/v1/keys%00",
        "/v1/%252e/keys",
        "/v1/ke ys",
        "/v1/keys%0d%0a",
        "/v1/k\u00e9ys",
        "/%2E/v1"
      })
  void refusesAPathThatCouldBeReadTwoWays(String path) {
    assertThat(Edge.isPlain(path)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/v1/keys", "/live/my-stream/12.ts", "/.well-known/jwks.json", "/a%20b/"})
  void letsPlainPathsThrough(String path) {
    assertThat(Edge.isPlain(path)).isTrue();
  }
}
