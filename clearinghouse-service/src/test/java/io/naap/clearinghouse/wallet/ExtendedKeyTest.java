package io.naap.clearinghouse.wallet;

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

public class ExtendedKeyTest {
  private static final String DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

  /** The account every Ethereum test tool derives, made by another implementation. */
  public static String hardhatAccount() throws Exception {
    Bip32ECKeyPair account = account();
    return text(0x0488b21e, account.getChainCode(), account.getPublicKeyPoint().getEncoded(true));
  }

  /** Its private half, which everybody knows too. */
  public static String hardhatPrivateAccount() throws Exception {
    Bip32ECKeyPair account = account();
    byte[] key = new byte[33];
    byte[] number = account.getPrivateKey().toByteArray();
    int length = Math.min(32, number.length);
    System.arraycopy(number, number.length - length, key, 33 - length, length);
    return text(0x0488ade4, account.getChainCode(), key);
  }

  private static Bip32ECKeyPair account() {
    Bip32ECKeyPair master =
        Bip32ECKeyPair.generateKeyPair(
            MnemonicUtils.generateSeed(
                "test test test test test test test test test test test junk", ""));
    int hard = Bip32ECKeyPair.HARDENED_BIT;
    return Bip32ECKeyPair.deriveKeyPair(master, new int[] {44 | hard, 60 | hard, hard});
  }

  private static String text(int version, byte[] chainCode, byte[] key) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(ByteBuffer.allocate(4).putInt(version).array());
    out.write(3);
    out.write(new byte[8]);
    out.write(chainCode);
    out.write(key);
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

  /** Test vectors 1 and 2 of BIP-32, as far as public keys alone lead from one to the next. */
  @Test
  void followsThePublishedVectors() {
    child(
        "xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5ski8PX9rL2dZXvgGDnw",
        1,
        "xpub6ASuArnXKPbfEwhqN6e3mwBcDTgzisQN1wXN9BJcM47sSikHjJf3UFHKkNAWbWMiGj7Wf5uMash7SyYq527Hqck2AxYysAA7xmALppuCkwQ");
    child(
        "xpub6D4BDPcP2GT577Vvch3R8wDkScZWzQzMMUm3PWbmWvVJrZwQY4VUNgqFJPMM3No2dFDFGTsxxpG5uJh7n7epu4trkrX7x7DogT5Uv6fcLW5",
        2,
        "xpub6FHa3pjLCk84BayeJxFW2SP4XRrFd1JYnxeLeU8EqN3vDfZmbqBqaGJAyiLjTAwm6ZLRQUMv1ZACTj37sR62cfN7fe5JnJ7dh8zL4fiyLHV");
    child(
        "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB",
        0,
        "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH");
  }

  private static void child(String parent, int index, String expected) {
    ExtendedKey derived = ExtendedKey.parse(parent).child(index);
    assertThat(derived.address()).isEqualTo(ExtendedKey.parse(expected).address());
    // The chain code too: its children are the same.
    assertThat(derived.child(5).address())
        .isEqualTo(ExtendedKey.parse(expected).child(5).address());
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
