package io.naap.auth.tenant;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.naap.contracts.page.Page;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.eclipse.microprofile.faulttolerance.Bulkhead;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Retry;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;
import org.jboss.resteasy.reactive.ClientWebApplicationException;

/** Client of keys-service that lists the keys a member created. */
@RegisterRestClient(configKey = "keys")
public interface KeysClient {
  /** A page of keys, newest first, with the permissions of the token in {@code authorization}. */
  @GET
  @Timeout(value = 3, unit = ChronoUnit.SECONDS)
  @Retry(maxRetries = 1, delay = 200, jitter = 100, abortOn = ClientWebApplicationException.class)
  @CircuitBreaker(delay = 2_000, failureRatio = 0.75, skipOn = ClientWebApplicationException.class)
  @Bulkhead(16)
  @Path("/v1/keys")
  Page<Key> madeBy(
      @QueryParam("created_by") String userId,
      @QueryParam("limit") int limit,
      @QueryParam("cursor") String cursor,
      @HeaderParam("Authorization") String authorization);

  /** The fields of a key that auth-service uses. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Key(
      String id, String name, String lastFour, Instant createdAt, Optional<Instant> lastUsedAt) {}
}
