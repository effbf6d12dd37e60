package io.naap.contracts.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AuditChainTest {
  private final List<AuditEntry> entries = entries(5);

  @Test
  void believesWhatWasWritten() {
    assertThat(check(entries)).isEmpty();
    assertThat(Json.read(Json.write(entries.get(2)), AuditEntry.class)).isEqualTo(entries.get(2));
  }

  @Test
  void detectsAnAlteredEntry() {
    AuditEntry old = entries.get(2);
    entries.set(2, altered(old, old.hash()));
    assertThat(check(entries)).contains("entry 3 was altered");
  }

  @Test
  void detectsAnEntryThatWasAlteredAndSealedAgain() {
    entries.set(2, altered(entries.get(2), "").sealed());
    assertThat(check(entries)).contains("entry 4 does not hold the hash of the entry before it");
  }

  @Test
  void detectsARemovedEntry() {
    entries.remove(2);
    assertThat(check(entries)).hasValueSatisfying(why -> assertThat(why).contains("removed"));
    List<AuditEntry> headless = entries(3);
    headless.removeFirst();
    assertThat(check(headless)).isPresent();
  }

  @Test
  void detectsReorderedEntries() {
    AuditEntry third = entries.get(2);
    entries.set(2, entries.get(3));
    entries.set(3, third);
    assertThat(check(entries)).isPresent();
  }

  @Test
  void keepsTextsFromMovingBetweenFields() {
    AuditEntry one = entry(1, "usr_a", "b", AuditEntry.NONE);
    AuditEntry two = entry(1, "usr_", "ab", AuditEntry.NONE);
    assertThat(one.digest()).isNotEqualTo(two.digest());
  }

  private static Optional<String> check(List<AuditEntry> entries) {
    AuditChain chain = new AuditChain();
    for (AuditEntry entry : entries) {
      Optional<String> wrong = chain.add(entry);
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    assertThat(chain.head()).isEqualTo(entries.getLast().hash());
    return Optional.empty();
  }

  private static List<AuditEntry> entries(int count) {
    List<AuditEntry> entries = new ArrayList<>();
    String previous = AuditEntry.NONE;
    for (int seq = 1; seq <= count; seq++) {
      AuditEntry entry = entry(seq, "usr_" + seq, "tenant.renamed", previous).sealed();
      entries.add(entry);
      previous = entry.hash();
    }
    return entries;
  }

  private static AuditEntry entry(long seq, String actor, String action, String previous) {
    return new AuditEntry(
        seq,
        new AuditEntry.Act(
            Instant.ofEpochSecond(1_700_000_000 + seq),
            actor,
            seq % 2 == 0 ? "ten_1" : null,
            action,
            "object",
            "127.0.0.1",
            "req_1",
            "{}"),
        previous,
        "");
  }

  private static AuditEntry altered(AuditEntry old, String hash) {
    return new AuditEntry(
        old.seq(),
        new AuditEntry.Act(
            old.act().at(),
            "usr_somebody_else",
            old.act().tenantId(),
            old.act().action(),
            old.act().object(),
            old.act().address(),
            old.act().requestId(),
            old.act().details()),
        old.previous(),
        hash);
  }
}
