package io.naap.contracts.json;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.jackson.ObjectMapperCustomizer;
import jakarta.inject.Singleton;

/** Configures the services' own mapper with the settings of {@link Json}. */
@Singleton
public class StrictJson implements ObjectMapperCustomizer {
  @Override
  public void customize(ObjectMapper mapper) {
    Json.strict(mapper).registerModule(StorableStrings.module());
  }
}
