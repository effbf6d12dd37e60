package io.naap.keys.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.testing.Stores;
import io.naap.keys.KeysApi;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * One tenant with many keys among many tenants: the blocks read for a page do not grow with the
 * number of keys.
 */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class ScaleTest {
  private static final String TENANT = "ten_scale000000000000000000000";
  private static final int KEYS = 30_000;

  /**
   * Allows a few index blocks per level and the rows of the page, but not all of the tenant's keys.
   */
  private static final long PAGES_READ = 400;

  private static final Pattern BUFFERS =
      Pattern.compile("Buffers: shared hit=(\\d+)(?: read=(\\d+))?");

  @Inject Pool pool;

  private final KeysApi api = new KeysApi(TENANT);

  @BeforeEach
  void manyKeys() {
    long there =
        pool.query("select count(*) n from api_keys where tenant_id = '" + TENANT + "'")
            .executeAndAwait()
            .iterator()
            .next()
            .getLong("n");
    if (there == 0) {
      pool.query(
              """
              insert into api_keys (id, tenant_id, name, mode, tags, capabilities, models, allowed_cidrs,
                limits, enabled, last_four, revision, created_by, created_at, updated_at)
              select 'key_' || lpad(n::text, 26, '0'),
                case when n %% 2 = 0 then '%s' else 'ten_other' || (n %% 1000) end,
                'name ' || n, case when n %% 5000 = 0 then 'test' else 'live' end,
                case when n %% 2 = 0 then array['half', 't' || (n %% 100)] else array['half'] end,
                '[]', '[]', '[]', '{}', n %% 4000 <> 0, lpad((n %% 9999)::text, 4, '0'), 1, 'usr', now(), now()
              from generate_series(1, %d) n"""
                  .formatted(TENANT, 2 * KEYS))
          .executeAndAwait();
      pool.query(
              """
              insert into key_secrets (public_id, key_id, secret_hmac, pepper_version, last_four, created_at)
              select lpad(right(id, 12), 12, '0'), id, decode(repeat('00', 32), 'hex'), 1, last_four, now()
              from api_keys where id like 'key\\_000%' on conflict do nothing""")
          .executeAndAwait();
      // Vacuum sets the visibility map; with analyze alone, index-only scans would visit the rows
      // too.
      pool.query("vacuum analyze").executeAndAwait();
    }
  }

  @Test
  void readsAsLittleForTheLastPageAsForTheFirst() {
    Optional<String> none = Optional.empty();
    Optional<Cursor> middle = Optional.of(Cursor.of("key_" + "0".repeat(21) + KEYS));
    Optional<Cursor> end = Optional.of(Cursor.of("key_00000000000000000000000050"));
    Optional<Cursor> first = Optional.empty();
    String last = "key_00000000000000000000000050";
    KeySearch all = new KeySearch(none, none, none, none, none);
    KeySearch half = new KeySearch(Optional.of("half"), none, none, none, none);

    assertThat(pagesRead(all, first)).isLessThan(PAGES_READ);
    assertThat(pagesRead(all, middle)).isLessThan(PAGES_READ);
    assertThat(pagesRead(all, end)).isLessThan(PAGES_READ);
    assertThat(pagesRead(half, first)).isLessThan(PAGES_READ);
    assertThat(pagesRead(half, middle)).isLessThan(PAGES_READ);
    assertThat(pagesRead(new KeySearch(Optional.of("t50"), none, none, none, none), first))
        .isLessThan(PAGES_READ);
    for (String text : List.of("name", "name 29998", "0042", last, "000000000050", "nobody")) {
      KeySearch search = new KeySearch(none, Optional.of(text), none, none, none);
      assertThat(pagesRead(search, first)).as(text).isLessThan(PAGES_READ);
    }
    // The list finds it too.
    assertThat(api.get("/v1/keys?q=name 29998").<List<String>>path("data.name"))
        .containsExactly("name 29998");
    assertThat(api.get("/v1/keys?q=" + last).<List<String>>path("data.id")).containsExactly(last);
  }

  @Test
  void looksAtABoundedNumberOfKeysAndFindsThemAllTheSame() {
    List<String> found = new ArrayList<>();
    int pages = 0;
    String cursor = "";
    do {
      Response page = api.get("/v1/keys?mode=test&limit=5" + cursor);
      assertThat(page.statusCode()).isEqualTo(200);
      found.addAll(page.<List<String>>path("data.id"));
      cursor = page.path("next_cursor") == null ? "" : "&cursor=" + page.path("next_cursor");
      pages++;
    } while (!cursor.isEmpty() && pages < 100);

    assertThat(found).hasSize(2 * KEYS / 10_000 * 2).doesNotHaveDuplicates();
    assertThat(pages).isBetween(KEYS / KeyPages.EXAMINED, KEYS / KeyPages.EXAMINED + 10);
  }

  @Test
  void findsASecretByItsIndex() {
    String plan =
        plan(
            "select 1 from key_secrets s join api_keys k on k.id = s.key_id"
                + " left join tenant_limits t on t.tenant_id = k.tenant_id where s.public_id = '000000000050'");

    assertThat(plan)
        .contains("key_secrets_pkey", "api_keys_pkey")
        .doesNotContain("Seq Scan on api");
  }

  /** Blocks of tables and indexes that the query of a page of 20 reads, cached or not. */
  private long pagesRead(KeySearch search, Optional<Cursor> cursor) {
    KeyPages.Statement asked =
        KeyPages.statement(TENANT, search, new PageRequest(20, cursor), Instant.now());
    StringBuilder text = new StringBuilder();
    pool.preparedQuery("explain (analyze, buffers) " + asked.sql())
        .executeAndAwait(Tuple.from(asked.values()))
        .forEach(row -> text.append(row.getString(0)).append('\n'));
    // The first line of buffers is the total of the statement; later ones are parts of it.
    Matcher buffers = BUFFERS.matcher(text);
    assertThat(buffers.find()).as(text.toString()).isTrue();
    return Long.parseLong(buffers.group(1))
        + (buffers.group(2) == null ? 0 : Long.parseLong(buffers.group(2)));
  }

  private String plan(String sql) {
    StringBuilder plan = new StringBuilder();
    pool.query("explain " + sql)
        .executeAndAwait()
        .forEach(row -> plan.append(row.getString(0)).append('\n'));
    return plan.toString();
  }
}
