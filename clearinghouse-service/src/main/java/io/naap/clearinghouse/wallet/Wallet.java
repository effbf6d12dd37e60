package io.naap.clearinghouse.wallet;

import com.google.protobuf.ByteString;
import fr.acinq.secp256k1.Secp256k1;
import fr.acinq.secp256k1.Secp256k1Exception;
import io.naap.contracts.secret.Secret;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The only class that uses the key. Signs as Ethereum's {@code eth_sign} does, deterministic (RFC
 * 6979), low-S, 65 bytes with v 27 or 28, and transactions. A raw digest is never signed, only a
 * message under its prefix or a typed transaction.
 */
public final class Wallet {
  private static final Logger LOG = Logger.getLogger(Wallet.class);
  private static final int SIGNATURE = 65;

  /** EIP-1559; no message under the prefix begins so. */
  private static final byte TYPED_TRANSACTION = 2;

  private static final BigInteger HALF_ORDER =
      new BigInteger("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0", 16);

  private final SigningKey key;
  private final Address address;

  private Wallet(SigningKey key) {
    this.key = key;
    this.address = key.address();
  }

  /**
   * The configured wallet.
   *
   * @return nothing when none is configured
   * @throws IllegalStateException naming the property that is wrong
   */
  public static Optional<Wallet> configured(WalletConfig config) {
    long sources =
        java.util.stream.Stream.of(
                config.keystore().isPresent(),
                config.remoteUrl().isPresent(),
                config.developmentKey().isPresent())
            .filter(present -> present)
            .count();
    if (sources > 1) {
      throw new IllegalStateException(
          "naap.clearinghouse.wallet needs one of keystore, remote-url and development-key");
    }
    if (config.keystore().isPresent()) {
      Path password =
          config
              .passwordFile()
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "naap.clearinghouse.wallet.password-file is needed with a keystore"));
      return Optional.of(open(config.keystore().get(), password));
    }
    if (config.remoteUrl().isPresent()) {
      String publicKey =
          config
              .remoteKey()
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "naap.clearinghouse.wallet.remote-key is needed with remote-url"));
      return Optional.of(
          new Wallet(
              new RemoteKey(
                  config.remoteUrl().get(),
                  publicKey,
                  config.remoteToken().map(Secret::reveal),
                  config.remoteTimeout())));
    }
    return config.developmentKey().map(secret -> development(secret, config));
  }

  private static Wallet development(Secret secret, WalletConfig config) {
    if (!config.allowDevelopmentKey()) {
      throw new IllegalStateException(
          "naap.clearinghouse.wallet.development-key is a key in plain text; set"
              + " naap.clearinghouse.wallet.allow-development-key=true where that is meant");
    }
    LOG.warn("the wallet is a development key in plain text");
    String hex = secret.reveal().startsWith("0x") ? secret.reveal().substring(2) : secret.reveal();
    return of(HexFormat.of().parseHex(hex));
  }

  /** Opens a keystore; refuses one that others may read or whose address is not its key's. */
  public static Wallet open(Path keystore, Path passwordFile) {
    Keystore.checkPermissions("naap.clearinghouse.wallet.keystore", keystore);
    Keystore.checkPermissions("naap.clearinghouse.wallet.password-file", passwordFile);
    Wallet wallet = of(Keystore.open(keystore, passwordFile));
    String claimed = Keystore.claimedAddress(keystore);
    if (!claimed.isEmpty() && !wallet.address.lowerCase().equals("0x" + claimed)) {
      throw new IllegalStateException(
          "naap.clearinghouse.wallet.keystore holds another key than its address says");
    }
    return wallet;
  }

  static Wallet of(byte[] key) {
    return new Wallet(new LocalKey(key));
  }

  public Address address() {
    return address;
  }

  /** Signs a message under the prefix of EIP-191, version 0x45. */
  public ByteString sign(byte[] message) {
    return ByteString.copyFrom(key.sign(prefixed(message)));
  }

  /**
   * Signs a transaction of EIP-1559.
   *
   * @param payload its type and unsigned fields, as they are hashed
   */
  public ByteString signTransaction(byte[] payload) {
    if (payload.length == 0 || payload[0] != TYPED_TRANSACTION) {
      throw new IllegalArgumentException("not a transaction of EIP-1559");
    }
    return ByteString.copyFrom(key.sign(payload));
  }

  /** True when this wallet signed the message. */
  public boolean signed(byte[] message, ByteString signature) {
    return signer(message, signature).map(address::equals).orElse(false);
  }

  /** The address that signed a message; absent when the signature is malformed or has a high S. */
  public static Optional<Address> signer(byte[] message, ByteString signature) {
    if (signature.size() != SIGNATURE) {
      return Optional.empty();
    }
    byte[] bytes = signature.toByteArray();
    int recovery = bytes[SIGNATURE - 1] - 27;
    if (recovery < 0
        || recovery > 1
        || new BigInteger(1, bytes, 32, 32).compareTo(HALF_ORDER) > 0) {
      return Optional.empty();
    }
    try {
      byte[] publicKey =
          Secp256k1.get()
              .ecdsaRecover(Arrays.copyOf(bytes, 64), Keccak.hash(prefixed(message)), recovery);
      return Optional.of(Address.ofPublicKey(publicKey));
    } catch (Secp256k1Exception notASignature) {
      return Optional.empty();
    }
  }

  private static byte[] prefixed(byte[] message) {
    byte[] prefix =
        ("\u0019Ethereum Signed Message:\n" + message.length).getBytes(StandardCharsets.US_ASCII);
    byte[] whole = Arrays.copyOf(prefix, prefix.length + message.length);
    System.arraycopy(message, 0, whole, prefix.length, message.length);
    return whole;
  }

  @Override
  public String toString() {
    return "Wallet[" + address + "]";
  }
}
