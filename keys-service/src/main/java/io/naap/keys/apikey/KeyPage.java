package io.naap.keys.apikey;

import java.util.List;

/** A page of keys, newest first; no cursor on the last one. */
public record KeyPage(List<KeyView> data, String nextCursor) {
  public KeyPage {
    data = List.copyOf(data);
  }
}
