package io.naap.clearinghouse.usdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.web3j.crypto.Bip32ECKeyPair;
import org.web3j.crypto.MnemonicUtils;

class ExtendedKeyTest {
  private static final String DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

  /** The account every Ethereum test tool derives, made by another implementation. */
  static String hardhatAccount() throws Exception {
    Bip32ECKeyPair master =
        Bip32ECKeyPair.generateKeyPair(
            MnemonicUtils.generateSeed(
                "test test test test test test test test test test test junk", ""));
    int hard = Bip32ECKeyPair.HARDENED_BIT;
    Bip32ECKeyPair account =
        Bip32ECKeyPair.deriveKeyPair(master, new int[] {44 | hard, 60 | hard, hard});
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(ByteBuffer.allocate(4).putInt(0x0488b21e).array());
    out.write(3);
    out.write(new byte[8]);
    out.write(account.getChainCode());
    out.write(account.getPublicKeyPoint().getEncoded(true));
    byte[] body = out.toByteArray();
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    byte[] checksum = Arrays.copyOf(sha.digest(sha.digest(body)), 4);
    out.write(checksum);
    BigInteger value = new BigInteger(1, out.toByteArray());
    StringBuilder text = new StringBuilder();
    while (value.signum() > 0) {
      text.append(DIGITS.charAt(value.mod(BigInteger.valueOf(58)).intValue()));
      value = value.divide(BigInteger.valueOf(58));
    }
    return text.reverse().toString();
  }

  @Test
  void derivesTheAddressesEveryToolDerives() throws Exception {
    ExtendedKey receiving = ExtendedKey.parse(hardhatAccount()).child(0);

    assertThat(receiving.child(0).address())
        .hasToString("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    assertThat(receiving.child(1).address())
        .hasToString("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
    assertThat(receiving.child(2).address())
        .hasToString("0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC");
  }

  @Test
  void refusesWhatIsNoExtendedPublicKey() throws Exception {
    String good = hardhatAccount();
    for (String wrong :
        new String[] {
          "", "xpub", good.substring(1), good.replace(good.charAt(20), good.charAt(21)), "0" + good
        }) {
      assertThatThrownBy(() -> ExtendedKey.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> ExtendedKey.parse(good).child(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
