package io.naap.clearinghouse.wallet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DerivedWalletsTest {
  private static final String PROPERTY = "the.property";

  @TempDir Path directory;

  @Test
  void theyAreTheWalletsOfTheAddressesTheExtendedPublicKeyGives() throws Exception {
    ExtendedKey account = ExtendedKey.parse(ExtendedKeyTest.hardhatAccount());
    DerivedWallets wallets =
        DerivedWallets.open(
            PROPERTY, file(ExtendedKeyTest.hardhatPrivateAccount() + "\n", "rw-------"), account);

    for (int index : new int[] {0, 1, 7, 1_000_000}) {
      assertThat(wallets.at(index).address()).isEqualTo(account.child(0).child(index).address());
    }
    assertThat(wallets.at(0).address()).isEqualTo(TestWallet.hardhat0().address());
    assertThat(wallets.toString()).isEqualTo("DerivedWallets[secret]");
  }

  @Test
  void refusesAFileOthersReadAnotherAccountsKeyAndWhatIsNoPrivateKey() throws Exception {
    ExtendedKey account = ExtendedKey.parse(ExtendedKeyTest.hardhatAccount());
    String right = ExtendedKeyTest.hardhatPrivateAccount();

    assertRefused(file(right, "rw-r--r--"), account, "chmod 600");
    assertRefused(file(right, "rw-------"), account.child(1), "is not the private key of");
    assertRefused(file(ExtendedKeyTest.hardhatAccount(), "rw-------"), account, "begins with xprv");
    assertRefused(file(right.substring(1), "rw-------"), account, PROPERTY);
    assertRefused(directory.resolve("none"), account, "cannot read");
  }

  private static void assertRefused(Path file, ExtendedKey account, String reason) {
    assertThatThrownBy(() -> DerivedWallets.open(PROPERTY, file, account))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(PROPERTY)
        .hasMessageContaining(reason)
        .hasMessageNotContaining("xprv9");
  }

  private Path file(String text, String permissions) throws IOException {
    Path file = Files.writeString(directory.resolve("key"), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }
}
