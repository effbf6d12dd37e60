package io.naap.router.workload;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.edge.EdgeConfig;
import io.naap.router.routing.Affinity;
import jakarta.inject.Singleton;

/** Reads the {@code Livepeer} header of BYOC jobs and streams. */
@Singleton
public class ByocHeaderReader {
  private final JsonRequest json;

  ByocHeaderReader(WorkloadConfig config, EdgeConfig edge, ObjectMapper mapper) {
    this.json = new JsonRequest(mapper, edge.jsonLimits(), config.jsonMaxBytes());
  }

  /**
   * Reads and checks a header.
   *
   * @param header as the client sent it, or null
   * @param affinity the orchestrators that the operator chose for the tenant
   */
  public ByocHeader read(String header, Affinity affinity) {
    return ByocHeader.read(header, affinity, json::parse);
  }
}
