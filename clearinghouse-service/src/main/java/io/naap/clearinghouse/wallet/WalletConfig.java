package io.naap.clearinghouse.wallet;

import io.naap.contracts.secret.Secret;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Where a wallet's key is: one of the three, or none. */
public interface WalletConfig {
  /** A V3 keystore file (JSON), which others may not read. */
  Optional<Path> keystore();

  /** A file with the keystore's password; trailing line ends are not part of it. */
  Optional<Path> passwordFile();

  /**
   * A Web3Signer: signatures of the key {@code remoteKey} are asked for at {@code
   * /api/v1/eth1/sign/}.
   */
  Optional<URI> remoteUrl();

  /** The public key the remote signer knows the wallet by, {@code 0x} and 128 hex digits. */
  Optional<String> remoteKey();

  /** Shown to the remote signer as a bearer token. */
  Optional<Secret> remoteToken();

  /** How long the remote signer may take. */
  @WithDefault("5s")
  Duration remoteTimeout();

  /** A private key in plain text, for development; refused without {@code allowDevelopmentKey}. */
  Optional<Secret> developmentKey();

  /** Says that this is no production and a key in plain text is meant. */
  @WithDefault("false")
  boolean allowDevelopmentKey();
}
