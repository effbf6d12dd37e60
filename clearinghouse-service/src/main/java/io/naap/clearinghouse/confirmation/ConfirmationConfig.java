package io.naap.clearinghouse.confirmation;

import io.naap.contracts.secret.Secret;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The events of stock signers. */
@ConfigMapping(prefix = "naap.clearinghouse.confirmation")
public interface ConfirmationConfig {
  /** Kafka's brokers, {@code host:port,...}; absent: no events are read. */
  Optional<String> bootstrapServers();

  /** The topic, as the signer's {@code -kafkaGatewayTopic} has it. */
  @WithDefault("livepeer-gateway")
  String topic();

  /** One group for all instances: each event is read by one of them. */
  @WithDefault("naap-clearinghouse")
  String group();

  /** More of Kafka's client properties, such as those of TLS and SASL. */
  Map<String, Secret> properties();

  /** How long one side may wait for the other before that is a gap. */
  @WithDefault("2m")
  Duration grace();

  /** How often the two sides are compared. */
  @WithDefault("15s")
  Duration interval();

  /** How far the hook's fee may be from the signer's, as a part of the signer's. */
  @WithDefault("0.10")
  BigDecimal feeTolerance();
}
