package io.naap.clearinghouse.wallet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.math.BigInteger;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.web3j.crypto.ECKeyPair;
import org.web3j.crypto.Hash;
import org.web3j.crypto.Keys;
import org.web3j.crypto.Sign;

/** Two implementations of RFC 6979 agree to the byte: libsecp256k1, which signs, and web3j. */
class SignaturesTest {
  private static final BigInteger ORDER =
      new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);

  @Provide
  Arbitrary<BigInteger> keys() {
    return Arbitraries.bigIntegers().between(BigInteger.ONE, ORDER.subtract(BigInteger.ONE));
  }

  @Property(tries = 300)
  void messagesAreSignedAlike(
      @ForAll("keys") BigInteger key, @ForAll @Size(min = 1, max = 200) byte[] message) {
    ECKeyPair pair = ECKeyPair.create(key);
    Wallet wallet = Wallet.of(bytes(key));

    byte[] ours = wallet.sign(message).toByteArray();

    assertThat(ours).isEqualTo(joined(Sign.signPrefixedMessage(message, pair)));
    assertThat(wallet.address().lowerCase()).isEqualTo("0x" + Keys.getAddress(pair));
    assertThat(Wallet.signer(message, ByteString.copyFrom(ours))).contains(wallet.address());
  }

  @Property(tries = 300)
  void transactionsAreSignedAlike(
      @ForAll("keys") BigInteger key, @ForAll @Size(min = 1, max = 200) byte[] fields) {
    byte[] payload = fields.clone();
    payload[0] = 2;

    assertThat(Wallet.of(bytes(key)).signTransaction(payload).toByteArray())
        .isEqualTo(joined(Sign.signMessage(Hash.sha3(payload), ECKeyPair.create(key), false)));
  }

  private static byte[] joined(Sign.SignatureData data) {
    byte[] all = Arrays.copyOf(data.getR(), 65);
    System.arraycopy(data.getS(), 0, all, 32, 32);
    all[64] = data.getV()[0];
    return all;
  }

  private static byte[] bytes(BigInteger key) {
    byte[] minimal = key.toByteArray();
    byte[] all = new byte[32];
    int length = Math.min(32, minimal.length);
    System.arraycopy(minimal, minimal.length - length, all, 32 - length, length);
    return all;
  }
}
