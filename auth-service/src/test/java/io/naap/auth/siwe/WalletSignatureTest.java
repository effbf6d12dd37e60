package io.naap.auth.siwe;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.auth.wallet.Address;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalletSignatureTest {
  private static final BigInteger ORDER =
      new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
  private final TestWallet wallet = TestWallet.of(7);

  @Test
  void findsTheSignerForEverySpellingOfV() {
    String signature = wallet.sign("hello");
    int v = Integer.parseInt(signature.substring(130), 16);

    assertThat(WalletSignature.signer("hello", signature)).contains(wallet.address());
    assertThat(
            WalletSignature.signer("hello", signature.substring(0, 130) + "%02x".formatted(v - 27)))
        .contains(wallet.address());
    assertThat(WalletSignature.signer("other", signature)).isNotEqualTo(wallet.address());
  }

  @Test
  void refusesTheHighSTwin() {
    String signature = wallet.sign("hello");
    BigInteger s = new BigInteger(signature.substring(66, 130), 16);
    int v = Integer.parseInt(signature.substring(130), 16) ^ 7;
    String twin =
        signature.substring(0, 66) + "%064x".formatted(ORDER.subtract(s)) + "%02x".formatted(v);

    assertThat(WalletSignature.signer("hello", twin)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"02", "03", "1a", "1d", "ff"})
  void refusesAnotherV(String v) {
    assertThat(WalletSignature.signer("hello", wallet.sign("hello").substring(0, 130) + v))
        .isEmpty();
  }

  @Test
  void refusesWhatIsNoSignature() {
    assertThat(WalletSignature.signer("hello", "0x" + "00".repeat(64) + "1b")).isEmpty();
    assertThat(WalletSignature.signer("hello", "0x" + "ff".repeat(64) + "1b")).isEmpty();
    assertThat(WalletSignature.signer("hello", "0x00")).isEmpty();
    assertThat(WalletSignature.signer("hello", null)).isEmpty();
  }

  /** Invalid r and s: zero, the group order, values above it, and the field's prime. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142",
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
      })
  void refusesNumbersOutOfRange(String number) {
    String good = wallet.sign("hello");
    for (String v : List.of("00", "01", "1b", "1c")) {
      String r = good.substring(2, 66);
      String s = good.substring(66, 130);
      assertThat(WalletSignature.signer("hello", "0x" + number + s + v)).isEmpty();
      assertThat(WalletSignature.signer("hello", "0x" + r + number + v)).isEmpty();
      assertThat(WalletSignature.signer("hello", "0x" + number + number + v)).isEmpty();
    }
  }

  /** The largest low s and the one above it; a small r without a curve point and one with it. */
  @Test
  void knowsTheEdgesOfWhatIsLow() {
    String half = "%064x".formatted(ORDER.shiftRight(1));
    String next = "%064x".formatted(ORDER.shiftRight(1).add(BigInteger.ONE));
    String one = "%064x".formatted(1);
    String five = "%064x".formatted(5);

    assertThat(WalletSignature.signer("hello", "0x" + one + half + "1b")).isPresent();
    assertThat(WalletSignature.signer("hello", "0x" + one + next + "1b")).isEmpty();
    assertThat(WalletSignature.signer("hello", "0x" + one + one + "1c")).isPresent();
    assertThat(WalletSignature.signer("hello", "0x" + five + one + "1b")).isEmpty();
  }

  /** Any 65 bytes give a result without an exception. */
  @Test
  void neverThrows() {
    Random random = new Random(191);
    int found = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[65];
      random.nextBytes(bytes);
      bytes[64] = (byte) (random.nextBoolean() ? 27 + random.nextInt(2) : random.nextInt(256));
      String signature = "0x" + HexFormat.of().formatHex(bytes);
      found += WalletSignature.signer("hello", signature).isPresent() ? 1 : 0;
    }
    assertThat(found).isBetween(1_000, 10_000);
  }

  /** The example addresses of EIP-55. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"
      })
  void knowsTheChecksumForm(String address) {
    assertThat(Address.isChecksummed(address)).isTrue();
    assertThat(Address.isChecksummed(address.toLowerCase(Locale.ROOT))).isFalse();
    assertThat(Address.isChecksummed(address.toUpperCase(Locale.ROOT).replace("0X", "0x")))
        .isFalse();
  }
}
