package io.naap.contracts.rating;

import java.util.Optional;

/**
 * Selects the jobs that a charge applies to; an absent field matches all jobs.
 *
 * @param capability for example {@code text-to-image}
 * @param model for example {@code stabilityai/sdxl-turbo}
 */
public record Filter(Optional<String> capability, Optional<String> model) {
  public static final Filter EVERYTHING = new Filter(Optional.empty(), Optional.empty());

  public Filter {
    capability = capability == null ? Optional.empty() : capability;
    model = model == null ? Optional.empty() : model;
  }

  public static Filter capability(String capability) {
    return new Filter(Optional.of(capability), Optional.empty());
  }

  static Filter orEverything(Filter given) {
    return given == null ? EVERYTHING : given;
  }

  public boolean matches(String jobCapability, String jobModel) {
    return (capability.isEmpty() || capability.get().equals(jobCapability))
        && (model.isEmpty() || model.get().equals(jobModel));
  }
}
