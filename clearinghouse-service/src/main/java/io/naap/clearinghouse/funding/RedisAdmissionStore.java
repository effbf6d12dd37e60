package io.naap.clearinghouse.funding;

import io.naap.contracts.clearing.AdmissionFunds;
import io.quarkus.redis.datasource.RedisDataSource;
import io.vertx.mutiny.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/**
 * Reads and corrects tenants' money in Redis by scripts, so that no router's lease comes in
 * between. The layout is {@link AdmissionFunds}'; a router's record {@code naap:adm:i:<router>}, or
 * {@code x:} when it is lost, has a field for each tenant with {@code money=<held>:<kept>} in it.
 */
@ApplicationScoped
class RedisAdmissionStore implements AdmissionStore {
  /**
   * KEYS: the tenant. ARGV: the tenant's subject. A hash of another epoch is ignored. {@code
   * returned} and {@code withdrawn} are fields of our own beside admission's; what leases add up to
   * is last.
   */
  private static final String READ =
      """
      local function read()
        local out = 0
        for _, list in ipairs({'routers', 'lost'}) do
          for _, router in ipairs(redis.call('ZRANGE', 'naap:adm:' .. list, 0, -1)) do
            for _, kind in ipairs({'i:', 'x:'}) do
              local record = redis.call('HGET', 'naap:adm:' .. kind .. router, ARGV[1])
              local held = record and string.match(';' .. record, ';money=(-?%d+):')
              if held then out = out + tonumber(held) end
            end
          end
        end
        local page = {}
        if redis.call('HGET', KEYS[1], 'e') == redis.call('HGET', 'naap:adm:store', 'epoch') then
          page = redis.call('HMGET', KEYS[1], 'funding', 'total', 'available', 'leased', 'spent', 'returned', 'withdrawn')
        end
        page[1] = page[1] or ''
        for i = 2, 7 do page[i] = page[i] or '0' end
        page[8] = string.format('%.0f', out)
        return page
      end
      """;

  private static final String LOOK = READ + "return read()";

  /** ARGV: subject, epoch, the eight as read, and seven to write. */
  private static final String REPLACE =
      READ
          + """
          if redis.call('HGET', 'naap:adm:store', 'epoch') ~= ARGV[2] then return 0 end
          local page = read()
          for i = 1, 8 do if page[i] ~= ARGV[2 + i] then return 0 end end
          if redis.call('HGET', KEYS[1], 'e') ~= ARGV[2] then redis.call('DEL', KEYS[1]) end
          redis.call('HSET', KEYS[1], 'e', ARGV[2], 'funding', ARGV[11], 'total', ARGV[12], 'available', ARGV[13], 'leased', ARGV[14],
            'spent', ARGV[15], 'returned', ARGV[16], 'withdrawn', ARGV[17])
          return 1
          """;

  /**
   * KEYS: the tenant. ARGV: subject, epoch, funding, most. Only what is available is taken, in the
   * same step in which a router's lease would take it, so a job and this never get the same money.
   * Routers give back what they do not need when the subject is recalled.
   */
  private static final String WITHDRAW =
      """
      if redis.call('HGET', 'naap:adm:store', 'epoch') ~= ARGV[2] then return false end
      local page = redis.call('HMGET', KEYS[1], 'e', 'funding', 'available', 'leased', 'withdrawn')
      if page[1] ~= ARGV[2] or page[2] ~= ARGV[3] then return false end
      local taken = math.min(tonumber(page[3] or '0'), tonumber(ARGV[4]), 4503599627370496)
      local withdrawn = page[5] or '0'
      if taken > 0 then
        local text = string.format('%.0f', taken)
        redis.call('HINCRBY', KEYS[1], 'available', '-' .. text)
        redis.call('HINCRBY', KEYS[1], 'spent', text)
        redis.call('HINCRBY', KEYS[1], 'withdrawn', text)
        withdrawn = redis.call('HGET', KEYS[1], 'withdrawn')
      else
        taken = 0
      end
      if taken < tonumber(ARGV[4]) and tonumber(page[4] or '0') > 0 then
        -- The store's clock is saved every 100 ms; routers look for what is newer than their last call.
        local clock = tonumber(redis.call('HGET', 'naap:adm:store', 'clock') or '0')
        redis.call('ZADD', 'naap:adm:recall', string.format('%.0f', clock + 1000), ARGV[1])
      end
      return {withdrawn, string.format('%.0f', taken), page[4] or '0'}
      """;

  /** Deletes all keys of admission; routers then begin a new epoch. */
  private static final String FORGET =
      """
      if redis.call('HGET', 'naap:adm:store', 'epoch') ~= ARGV[1] then return 0 end
      for _, key in ipairs(redis.call('KEYS', 'naap:adm:*')) do redis.call('UNLINK', key) end
      return 1
      """;

  private static final AdmissionFunds NOTHING = new AdmissionFunds("", 0, 0, 0, 0);

  private final RedisDataSource redis;

  RedisAdmissionStore(RedisDataSource redis) {
    this.redis = redis;
  }

  @Override
  public Optional<String> epoch() {
    return Optional.ofNullable(
        redis.hash(String.class).hget(AdmissionFunds.STORE_KEY, AdmissionFunds.EPOCH));
  }

  @Override
  public Page read(String tenantId) {
    Response page =
        redis.execute("EVAL", LOOK, "1", AdmissionFunds.key(tenantId), subject(tenantId));
    AdmissionFunds said =
        new AdmissionFunds(
            page.get(0).toString(),
            page.get(1).toLong(),
            page.get(2).toLong(),
            page.get(3).toLong(),
            page.get(4).toLong());
    Optional<AdmissionFunds> funds = said.equals(NOTHING) ? Optional.empty() : Optional.of(said);
    return new Page(funds, page.get(7).toLong(), page.get(5).toLong(), page.get(6).toLong());
  }

  private static String subject(String tenantId) {
    return "t:" + tenantId;
  }

  @Override
  public boolean replace(
      String epoch,
      String tenantId,
      Page before,
      AdmissionFunds after,
      long returned,
      long withdrawn) {
    AdmissionFunds was = before.funds().orElse(NOTHING);
    Response done =
        redis.execute(
            "EVAL",
            REPLACE,
            "1",
            AdmissionFunds.key(tenantId),
            subject(tenantId),
            epoch,
            was.funding(),
            Long.toString(was.total()),
            Long.toString(was.available()),
            Long.toString(was.leased()),
            Long.toString(was.spent()),
            Long.toString(before.returned()),
            Long.toString(before.withdrawn()),
            Long.toString(before.out()),
            after.funding(),
            Long.toString(after.total()),
            Long.toString(after.available()),
            Long.toString(after.leased()),
            Long.toString(after.spent()),
            Long.toString(returned),
            Long.toString(withdrawn));
    return done.toInteger() == 1;
  }

  @Override
  public Optional<Withdrawn> withdraw(String epoch, String tenantId, String fundingId, long most) {
    Response done =
        redis.execute(
            "EVAL",
            WITHDRAW,
            "1",
            AdmissionFunds.key(tenantId),
            subject(tenantId),
            epoch,
            fundingId,
            Long.toString(most));
    return done == null
        ? Optional.empty()
        : Optional.of(
            new Withdrawn(done.get(0).toLong(), done.get(1).toLong(), done.get(2).toLong()));
  }

  @Override
  public boolean forget(String epoch) {
    return redis.execute("EVAL", FORGET, "0", epoch).toInteger() == 1;
  }
}
