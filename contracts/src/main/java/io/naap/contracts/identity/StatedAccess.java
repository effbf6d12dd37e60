package io.naap.contracts.identity;

import jakarta.annotation.security.DenyAll;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;
import jakarta.ws.rs.ext.Provider;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.util.List;

/** Fails the start-up when an endpoint lacks an annotation that says who may call it. */
@Provider
public class StatedAccess implements DynamicFeature {
  private static final List<Class<? extends Annotation>> STATEMENTS =
      List.of(RolesAllowed.class, PermitAll.class, DenyAll.class);

  @Override
  public void configure(ResourceInfo endpoint, FeatureContext context) {
    boolean ours = endpoint.getResourceClass().getName().startsWith("io.naap.");
    if (ours && !states(endpoint.getResourceMethod()) && !states(endpoint.getResourceClass())) {
      throw new IllegalStateException(
          "%s.%s does not state who may call it: add @RolesAllowed or @PermitAll"
              .formatted(
                  endpoint.getResourceClass().getSimpleName(),
                  endpoint.getResourceMethod().getName()));
    }
  }

  private static boolean states(AnnotatedElement element) {
    return STATEMENTS.stream().anyMatch(element::isAnnotationPresent);
  }
}
