package io.naap.clearinghouse.wallet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.generators.SCrypt;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * Reads a Web3 Secret Storage file, version 3. Parsed as a tree, so that a native executable needs
 * no registration for it.
 */
final class Keystore {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long MAX_MEMORY = 1L << 30;

  private Keystore() {}

  /**
   * Refuses a file that others than its owner and group may read, or others than its owner change.
   *
   * @param property that names the file
   */
  static void checkPermissions(String property, Path file) {
    try {
      Set<PosixFilePermission> granted = Files.getPosixFilePermissions(file);
      if (granted.contains(PosixFilePermission.OTHERS_READ)
          || granted.contains(PosixFilePermission.OTHERS_WRITE)
          || granted.contains(PosixFilePermission.GROUP_WRITE)) {
        throw new IllegalStateException(
            property + ": others may read or change " + file + "; chmod 600 it");
      }
    } catch (UnsupportedOperationException notPosix) {
      throw new IllegalStateException(
          property + ": the permissions of " + file + " cannot be checked", notPosix);
    } catch (IOException unreadable) {
      throw new IllegalStateException(property + ": cannot read " + file, unreadable);
    }
  }

  /**
   * The private key.
   *
   * @throws IllegalStateException naming what is wrong with the file, never what is in it
   */
  static byte[] open(Path keystore, Path passwordFile) {
    try {
      String password = Files.readString(passwordFile).stripTrailing();
      return open(JSON.readTree(Files.readString(keystore)), password);
    } catch (IOException unreadable) {
      throw new IllegalStateException(
          "naap.clearinghouse.wallet: cannot read the keystore or its password file", unreadable);
    } catch (GeneralSecurityException | IllegalArgumentException broken) {
      throw new IllegalStateException(
          "naap.clearinghouse.wallet.keystore is not a V3 keystore: " + broken.getMessage(),
          broken);
    }
  }

  /**
   * The address the file claims to hold, without {@code 0x} in lower case; empty when it is silent.
   */
  static String claimedAddress(Path keystore) {
    try {
      String address = JSON.readTree(Files.readString(keystore)).path("address").asText("");
      return address.toLowerCase(Locale.ROOT).replaceFirst("^0x", "");
    } catch (IOException unreadable) {
      throw new IllegalStateException("naap.clearinghouse.wallet.keystore", unreadable);
    }
  }

  private static byte[] open(JsonNode file, String password) throws GeneralSecurityException {
    JsonNode crypto = file.has("crypto") ? file.path("crypto") : file.path("Crypto");
    if (file.path("version").asInt() != 3
        || !"aes-128-ctr".equals(crypto.path("cipher").asText())) {
      throw new IllegalArgumentException("version 3 with aes-128-ctr is needed");
    }
    byte[] derived = derive(crypto, password.getBytes(StandardCharsets.UTF_8));
    byte[] cipherText = hex(crypto.path("ciphertext"));
    byte[] mac = Keccak.hash(Arrays.copyOfRange(derived, 16, 32), cipherText);
    if (!MessageDigest.isEqual(mac, hex(crypto.path("mac")))) {
      throw new IllegalStateException(
          "naap.clearinghouse.wallet.password-file does not hold the keystore's password");
    }
    Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
    cipher.init(
        Cipher.DECRYPT_MODE,
        new SecretKeySpec(derived, 0, 16, "AES"),
        new IvParameterSpec(hex(crypto.path("cipherparams").path("iv"))));
    byte[] key = cipher.doFinal(cipherText);
    if (key.length != 32) {
      throw new IllegalArgumentException("the key does not have 32 bytes");
    }
    return key;
  }

  private static byte[] derive(JsonNode crypto, byte[] password) {
    JsonNode parameters = crypto.path("kdfparams");
    byte[] salt = hex(parameters.path("salt"));
    if (parameters.path("dklen").asInt() != 32) {
      throw new IllegalArgumentException("dklen 32 is needed");
    }
    return switch (crypto.path("kdf").asText()) {
      case "scrypt" -> {
        int n = parameters.path("n").asInt();
        int r = parameters.path("r").asInt();
        if (n < 2 || r < 1 || 128L * n * r > MAX_MEMORY) {
          throw new IllegalArgumentException("scrypt's n or r is out of range");
        }
        yield SCrypt.generate(password, salt, n, r, parameters.path("p").asInt(), 32);
      }
      case "pbkdf2" -> {
        if (!"hmac-sha256".equals(parameters.path("prf").asText())) {
          throw new IllegalArgumentException("pbkdf2 with hmac-sha256 is needed");
        }
        PKCS5S2ParametersGenerator generator = new PKCS5S2ParametersGenerator(new SHA256Digest());
        generator.init(password, salt, parameters.path("c").asInt());
        yield ((KeyParameter) generator.generateDerivedMacParameters(256)).getKey();
      }
      default -> throw new IllegalArgumentException("kdf scrypt or pbkdf2 is needed");
    };
  }

  private static byte[] hex(JsonNode text) {
    return HexFormat.of().parseHex(text.asText());
  }
}
