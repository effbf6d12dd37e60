package io.naap.auth.tenant;

import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.logging.Logger;

/** Asks keys-service. */
@ApplicationScoped
@DefaultBean
class ListedMemberKeys implements MemberKeys {
  private static final Logger LOG = Logger.getLogger(ListedMemberKeys.class);
  private static final int MOST = 100;

  private final KeysClient keys;

  ListedMemberKeys(@RestClient KeysClient keys) {
    this.keys = keys;
  }

  @Override
  public List<Key> madeBy(String userId, String authorization) {
    try {
      return keys.madeBy(userId, MOST, authorization).data().stream()
          .map(
              key ->
                  new Key(key.id(), key.name(), key.lastFour(), key.createdAt(), key.lastUsedAt()))
          .toList();
    } catch (RuntimeException away) {
      // The member is removed all the same: the caller is told that nothing is known of keys.
      LOG.warnf("keys-service did not list a removed member's keys: %s", away.toString());
      return null;
    }
  }
}
