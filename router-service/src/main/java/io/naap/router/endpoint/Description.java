package io.naap.router.endpoint;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/** Adds the table of endpoints to the API description. */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class Description implements OASFilter {
  private static final Pattern PARAMETER = Pattern.compile("\\{([a-z]+)}");
  private static final String SCHEME = "ApiKey";

  @Override
  public void filterOpenAPI(OpenAPI description) {
    if (description.getComponents() == null) {
      description.setComponents(OASFactory.createComponents());
    }
    description
        .getComponents()
        .addSecurityScheme(
            SCHEME,
            OASFactory.createSecurityScheme()
                .type(SecurityScheme.Type.HTTP)
                .scheme("bearer")
                .description("An API key of keys-service"));
    if (description.getPaths() == null) {
      description.setPaths(OASFactory.createPaths());
    }
    for (Endpoint endpoint : Endpoint.values()) {
      PathItem item = description.getPaths().getPathItem(endpoint.path());
      if (item == null) {
        item = OASFactory.createPathItem();
        parameters(endpoint, item);
        description.getPaths().addPathItem(endpoint.path(), item);
      }
      item.setOperation(PathItem.HttpMethod.valueOf(endpoint.method()), operation(endpoint));
    }
  }

  private static void parameters(Endpoint endpoint, PathItem item) {
    Matcher names = PARAMETER.matcher(endpoint.path());
    while (names.find()) {
      item.addParameter(
          OASFactory.createParameter()
              .name(names.group(1))
              .in(Parameter.In.PATH)
              .required(true)
              .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING)));
    }
  }

  private static Operation operation(Endpoint endpoint) {
    Operation operation =
        OASFactory.createOperation()
            .operationId(endpoint.name().toLowerCase(Locale.ROOT))
            .summary(endpoint.summary())
            .description("Who may call it: " + endpoint.access().words() + ".")
            .responses(
                OASFactory.createAPIResponses()
                    .addAPIResponse(
                        "default", OASFactory.createAPIResponse().description("A problem"))
                    .addAPIResponse(
                        "2XX",
                        OASFactory.createAPIResponse().description("As go-livepeer answers")));
    if (endpoint.access() == Access.API_KEY) {
      operation.addSecurityRequirement(OASFactory.createSecurityRequirement().addScheme(SCHEME));
    }
    return operation;
  }
}
