package io.naap.router.usage;

import io.naap.contracts.events.UsageMissing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What earlier processes left in a spool's directory, and where this one goes on.
 *
 * @param id the name of the spool, kept or new
 * @param next the next position: above all that can have been used, so that none is used twice
 * @param missing positions that no record can be read of
 */
record SpoolHistory(String id, long next, List<Range> missing) {
  private static final String ID = "id";

  /** More positions than can have been used since the last one that is known. */
  private static final long LEAP = 1_000_000_000;

  record Range(long from, long to, String reason) {}

  /** Reads the directory; writes the id if it is new. */
  static SpoolHistory read(
      Path directory,
      SpoolSegments segments,
      PositionReservation.Found reservation,
      LastWritten lastWritten)
      throws IOException {
    List<Range> missing = new ArrayList<>();
    String[] newest = {null};
    long last =
        segments.scan(
            (from, until) -> missing.add(new Range(from, until - 1, UsageMissing.UNREADABLE)),
            (record, position) -> newest[0] = record);
    Path idFile = directory.resolve(ID);
    Optional<String> noted =
        Files.exists(idFile)
            ? Optional.of(
                new String(Files.readAllBytes(idFile), StandardCharsets.ISO_8859_1).strip())
            : Optional.empty();
    // The reservation knows the name, or the records, or the file that is there for it. The file
    // alone, in a directory that was emptied around it, does not say which positions were used.
    Optional<String> kept =
        reservation
            .name()
            .or(() -> Optional.ofNullable(newest[0]).flatMap(Segment::id))
            .or(() -> segments.isEmpty() ? Optional.empty() : noted)
            .filter(name -> name.matches("[0-9a-z]{1,32}"));
    String id = kept.orElseGet(SpoolHistory::freshName);
    if (!noted.equals(Optional.of(id))) {
      Files.writeString(idFile, id);
    }
    long used = last;
    if (kept.isPresent()) {
      used = used(reservation, lastWritten, last);
      // Of an emptied directory nobody knows what metering had: that shows when metering says so.
      if (used > last && !segments.isEmpty()) {
        missing.add(new Range(last + 1, used, reason(reservation, last)));
      }
    }
    return new SpoolHistory(id, used + 1, missing);
  }

  private static String freshName() {
    return Long.toString(System.nanoTime() & 0xffffffffL, 36)
        + Long.toString(ProcessHandle.current().pid(), 36);
  }

  /**
   * The last position that can have been used. Metering may have had more of the last ones than the
   * disk has.
   *
   * @param last the last position that the segments tell of
   */
  private static long used(
      PositionReservation.Found reservation, LastWritten lastWritten, long last) {
    return switch (reservation) {
      case PositionReservation.Found.Closed closed when closed.last() >= last -> closed.last();
      // Only the process died: what the segments hold is all that was used.
      case PositionReservation.Found.Open open
          when open.reserved() >= last && lastWritten.holdsAll(open.id(), last) ->
          last;
      case PositionReservation.Found.Open open when open.reserved() >= last -> open.reserved();
      // Written by a version without reservations, which used one position after the other.
      case PositionReservation.Found.Nothing nothing -> last;
      // The reservation is older than the records: another version wrote here, or the disk failed.
      case PositionReservation.Found.Closed closed -> last + LEAP;
      case PositionReservation.Found.Open open -> last + LEAP;
      case PositionReservation.Found.Unreadable unreadable -> last + LEAP;
    };
  }

  private static String reason(PositionReservation.Found reservation, long last) {
    return reservation instanceof PositionReservation.Found.Closed closed && closed.last() >= last
        ? UsageMissing.UNREADABLE
        : UsageMissing.UNCLOSED;
  }
}
