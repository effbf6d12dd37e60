package io.naap.clearinghouse.funding;

import io.naap.contracts.clearing.AdmissionFunds;
import io.quarkus.redis.datasource.RedisDataSource;
import io.vertx.mutiny.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/**
 * Reads and mends admission's books in scripts, so that no router's lease comes in between. The
 * layout is {@link AdmissionFunds}'; a router's record {@code naap:adm:i:<router>}, or {@code x:}
 * when it is lost, has a field a tenant with {@code money=<held>:<kept>} in it.
 */
@ApplicationScoped
class RedisAdmissionStore implements AdmissionStore {
  /**
   * KEYS: the tenant. ARGV: the tenant's subject. A hash of another epoch is as if it were not
   * there. {@code returned} is a field of our own beside admission's; what leases add up to is
   * last.
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
          page = redis.call('HMGET', KEYS[1], 'funding', 'total', 'available', 'leased', 'spent', 'returned')
        end
        page[1] = page[1] or ''
        for i = 2, 6 do page[i] = page[i] or '0' end
        page[7] = string.format('%.0f', out)
        return page
      end
      """;

  private static final String LOOK = READ + "return read()";

  /** ARGV: subject, epoch, the seven as read, and six to write. */
  private static final String REPLACE =
      READ
          + """
          if redis.call('HGET', 'naap:adm:store', 'epoch') ~= ARGV[2] then return 0 end
          local page = read()
          for i = 1, 7 do if page[i] ~= ARGV[2 + i] then return 0 end end
          if redis.call('HGET', KEYS[1], 'e') ~= ARGV[2] then redis.call('DEL', KEYS[1]) end
          redis.call('HSET', KEYS[1], 'e', ARGV[2], 'funding', ARGV[10], 'total', ARGV[11], 'available', ARGV[12], 'leased', ARGV[13],
            'spent', ARGV[14], 'returned', ARGV[15])
          return 1
          """;

  /** As if the store had been lost, which routers are made for. */
  private static final String FORGET =
      """
      if redis.call('HGET', 'naap:adm:store', 'epoch') ~= ARGV[1] then return 0 end
      for _, key in ipairs(redis.call('KEYS', 'naap:adm:*')) do redis.call('UNLINK', key) end
      return 1
      """;

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
    String funding = page.get(0).toString();
    Optional<AdmissionFunds> funds =
        funding.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new AdmissionFunds(
                    funding,
                    page.get(1).toLong(),
                    page.get(2).toLong(),
                    page.get(3).toLong(),
                    page.get(4).toLong()));
    return new Page(funds, page.get(6).toLong(), page.get(5).toLong());
  }

  private static String subject(String tenantId) {
    return "t:" + tenantId;
  }

  @Override
  public boolean replace(
      String epoch, String tenantId, Page before, AdmissionFunds after, long returned) {
    AdmissionFunds was = before.funds().orElse(new AdmissionFunds("", 0, 0, 0, 0));
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
            Long.toString(before.out()),
            after.funding(),
            Long.toString(after.total()),
            Long.toString(after.available()),
            Long.toString(after.leased()),
            Long.toString(after.spent()),
            Long.toString(returned));
    return done.toInteger() == 1;
  }

  @Override
  public boolean forget(String epoch) {
    return redis.execute("EVAL", FORGET, "0", epoch).toInteger() == 1;
  }
}
