package io.naap.keys.apikey;

import io.naap.contracts.problem.InvalidInput;
import io.naap.contracts.text.PlainText;
import java.util.Optional;
import java.util.Set;

/**
 * Conditions on the keys of a list; a key has to meet all of them.
 *
 * @param tag a whole tag
 * @param words the beginning of a name in any case, or a whole key id, public id or last four
 * @param status {@code active}, {@code disabled} or {@code expired}
 * @param mode {@code live} or {@code test}
 * @param createdBy who created the key: {@code usr_...} or {@code svc_...}
 */
record KeySearch(
    Optional<String> tag,
    Optional<String> words,
    Optional<String> status,
    Optional<String> mode,
    Optional<String> createdBy) {
  KeySearch {
    tag.ifPresent(value -> PlainText.line("tag", value, 50));
    words.ifPresent(value -> PlainText.line("q", value, 100));
    requireOneOf("status", status, Set.of("active", "disabled", "expired"));
    createdBy.ifPresent(value -> PlainText.line("created_by", value, 50));
    requireOneOf("mode", mode, Set.of("live", "test"));
  }

  /**
   * The number of values in the cursors of this list: the id, and in a text search also the name.
   */
  int cursorValues() {
    return words.isPresent() ? 2 : 1;
  }

  private static void requireOneOf(String name, Optional<String> value, Set<String> all) {
    if (value.isPresent() && !all.contains(value.get())) {
      throw new InvalidInput(
          name + " must be one of " + String.join(", ", all.stream().sorted().toList()));
    }
  }
}
