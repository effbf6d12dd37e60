package io.naap.auth.tenant;

import io.naap.contracts.page.Page;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.logging.Logger;

/** Lists the keys of a member by asking keys-service. */
@ApplicationScoped
@DefaultBean
class ListedMemberKeys implements MemberKeys {
  private static final Logger LOG = Logger.getLogger(ListedMemberKeys.class);
  private static final int MOST = 100;

  /**
   * keys-service examines 2,000 keys per page, so this covers more than the 100,000 that a tenant
   * may have.
   */
  private static final int MOST_PAGES = 60;

  private final KeysClient keys;

  ListedMemberKeys(@RestClient KeysClient keys) {
    this.keys = keys;
  }

  @Override
  public List<Key> madeBy(String userId, String authorization) {
    try {
      return all(userId, authorization).stream()
          .limit(MOST)
          .map(
              key ->
                  new Key(key.id(), key.name(), key.lastFour(), key.createdAt(), key.lastUsedAt()))
          .toList();
    } catch (RuntimeException away) {
      // The member has already been removed; null tells the caller that the keys are unknown.
      LOG.warnf("keys-service did not list a removed member's keys: %s", away.toString());
      return null;
    }
  }

  /**
   * Reads pages until there are enough keys. A page may be short or even empty although more
   * follow, because keys-service examines a bounded number of keys per page.
   */
  private List<KeysClient.Key> all(String userId, String authorization) {
    List<KeysClient.Key> found = new ArrayList<>();
    String cursor = null;
    for (int page = 0; page < MOST_PAGES && found.size() < MOST; page++) {
      Page<KeysClient.Key> next = keys.madeBy(userId, MOST, cursor, authorization);
      found.addAll(next.data());
      cursor = next.nextCursor();
      if (cursor == null) {
        break;
      }
    }
    return found;
  }
}
