package io.naap.clearinghouse.wallet;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;

/** Where the hot wallet is; without a keystore the remote signer does not start. */
@ConfigMapping(prefix = "naap.clearinghouse.wallet")
public interface WalletConfig {
  /** A V3 keystore file (JSON). */
  Optional<Path> keystore();

  /** A file with the keystore's password; trailing line ends are not part of it. */
  Optional<Path> passwordFile();
}
