package io.naap.keys.apikey;

import io.naap.contracts.keys.AllowedOrigin;
import io.naap.contracts.text.PlainText;
import java.util.List;

/**
 * The clients that may use a key.
 *
 * @param allowedCidrs their addresses; empty for all
 * @param allowedOrigins web origins; empty for all
 */
public record Clients(List<String> allowedCidrs, List<String> allowedOrigins) {
  public Clients {
    allowedCidrs = PlainText.lines("allowed_cidrs", allowedCidrs, 50, 50);
    allowedCidrs.forEach(Cidr::check);
    allowedOrigins = PlainText.lines("allowed_origins", allowedOrigins, 50, 300);
    allowedOrigins.forEach(AllowedOrigin::of);
  }
}
