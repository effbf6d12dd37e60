package io.naap.keys.apikey;

import io.naap.contracts.text.PlainText;
import java.util.List;

/**
 * What a key may be used for. An empty list allows everything.
 *
 * @param capabilities for example {@code text-to-image}
 * @param models for example {@code stabilityai/sdxl-turbo}
 */
public record Scopes(List<String> capabilities, List<String> models) {
  static final Scopes EVERYTHING = new Scopes(List.of(), List.of());

  public Scopes {
    capabilities = PlainText.lines("scopes.capabilities", capabilities, 50, 100);
    models = PlainText.lines("scopes.models", models, 100, 200);
  }
}
