package io.naap.clearinghouse.wallet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalletTest {
  /** The first example of the Web3 Secret Storage definition. */
  private static final String PBKDF2 =
      """
      {"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
      "ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
      "kdf":"pbkdf2","kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256",
      "salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
      "mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},"version":3}""";

  @TempDir Path directory;

  @Test
  void opensTheExampleOfTheDefinition() throws IOException {
    byte[] key = Keystore.open(file("k", PBKDF2), file("p", "testpassword\n"));

    assertThat(HexFormat.of().formatHex(key))
        .isEqualTo("7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d");
  }

  @Test
  void opensAScryptKeystore() throws IOException {
    Wallet wallet = Wallet.open(file("k", TestWallet.keystore("right")), file("p", "right"));

    assertThat(wallet.address()).hasToString("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  }

  @Test
  void refusesAWrongPasswordAndNamesTheProperty() throws IOException {
    Path keystore = file("k", TestWallet.keystore("right"));
    Path password = file("p", "wrong");

    assertThatThrownBy(() -> Wallet.open(keystore, password))
        .hasMessageContaining("naap.clearinghouse.wallet.password-file");
  }

  @Test
  void refusesAKeystoreWhoseAddressIsNotItsKeys() throws IOException {
    Path keystore = file("k", TestWallet.keystore("right").replace("f39fd6e5", "00000000"));
    Path password = file("p", "right");

    assertThatThrownBy(() -> Wallet.open(keystore, password))
        .hasMessageContaining("another key than its address says");
  }

  @Test
  void refusesWhatIsNoKeystore() throws IOException {
    Path password = file("p", "right");
    for (String text : new String[] {"{}", "{\"version\":3}", "x", "[]"}) {
      Path keystore = file("k", text);
      assertThatThrownBy(() -> Wallet.open(keystore, password))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("naap.clearinghouse.wallet");
    }
  }

  @Test
  void neverPrintsItsKey() {
    assertThat(TestWallet.hardhat0())
        .hasToString("Wallet[0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266]");
  }

  private Path file(String name, String text) throws IOException {
    Path file = Files.writeString(directory.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }
}
