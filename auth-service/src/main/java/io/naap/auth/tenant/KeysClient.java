package io.naap.auth.tenant;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.naap.contracts.page.Page;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/** Keys-service: the keys that somebody made, as the members of the tenant may list them. */
@RegisterRestClient(configKey = "keys")
public interface KeysClient {
  /** A page, the newest first, in the name of whose token this is. */
  @GET
  @Path("/v1/keys")
  Page<Key> madeBy(
      @QueryParam("created_by") String userId,
      @QueryParam("limit") int limit,
      @QueryParam("cursor") String cursor,
      @HeaderParam("Authorization") String authorization);

  /** What of a key matters here. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Key(
      String id, String name, String lastFour, Instant createdAt, Optional<Instant> lastUsedAt) {}
}
