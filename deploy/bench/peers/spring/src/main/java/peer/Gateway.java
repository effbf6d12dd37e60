package peer;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.gateway.filter.ratelimit.KeyResolver;
import org.springframework.cloud.gateway.filter.ratelimit.RedisRateLimiter;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;
import reactor.core.publisher.Mono;

/** One route to the upstream, limited for each key by the limiter that the gateway ships. */
@SpringBootApplication
public class Gateway {
  public static void main(String[] args) {
    SpringApplication.run(Gateway.class, args);
  }

  @Bean
  RedisRateLimiter limiter() {
    return new RedisRateLimiter(1_000_000, 1_000_000, 1);
  }

  @Bean
  KeyResolver key() {
    return exchange -> Mono.justOrEmpty(exchange.getRequest().getHeaders().getFirst("Authorization"));
  }

  @Bean
  RouteLocator routes(RouteLocatorBuilder routes, RedisRateLimiter limiter, KeyResolver key) {
    String upstream = "http://127.0.0.1:" + System.getProperty("upstream");
    return routes
        .routes()
        .route(
            "gateway",
            route ->
                route
                    .path("/**")
                    .filters(filters -> filters.requestRateLimiter(limit -> limit.setRateLimiter(limiter).setKeyResolver(key)))
                    .uri(upstream))
        .build();
  }
}
