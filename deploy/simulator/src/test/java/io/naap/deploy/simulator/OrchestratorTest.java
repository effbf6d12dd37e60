package io.naap.deploy.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fr.acinq.secp256k1.Secp256k1;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.web3j.crypto.Keys;

class OrchestratorTest {
  private static final byte[] KEY =
      Eth.bytes("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
  private static final byte[] SENDER = Eth.bytes("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  private static final Clock CLOCK =
      Clock.fixed(Instant.ofEpochSecond(1_790_000_000), ZoneOffset.UTC);

  private final ChainState chain = new ChainState(CLOCK);
  private final Orchestrator orchestrator = orchestrator(new byte[32]);

  /** Numbers computed with go-livepeer's own code: {@code recipient_rand.json} of the vectors. */
  @Test
  void derivesRecipientRandAsGoLivepeerDoes() {
    byte[] secret = Eth.bytes("0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    byte[] aux =
        Eth.bytes(
            "0000000000000000000000000000000000000000000000000000000000001004"
                + "41b1a0649752af1b28b3dc29a1556eee781e4a4c3a1f7f53f90fa834de098c4d");

    BigInteger rand =
        orchestrator(secret)
            .recipientRand(
                new BigInteger(
                    "301660150780629019721079570186887106684155966487473439074403601434884339592"),
                SENDER,
                new BigInteger("20000000000000000"),
                new BigInteger(
                    "5789604461865809771178549250434395392663499233282028201972880000000000000"),
                BigInteger.valueOf(24_000_040),
                new Orchestrator.Price(1200, 1),
                aux);

    assertThat(rand)
        .isEqualTo(
            new BigInteger(
                "86753569625035036668345369087462033866007622400092739111662582497038845972458"));
  }

  @Test
  void takesAnHonestPayment() {
    Wire.Message info = info();

    byte[] result = pay(info, payment(info, 1, 2), segment(info));

    assertThat(orchestrator.accepted()).isEqualTo(2);
    assertThat(Wire.read(result).message(16).bytes(4)).hasSize(20);
    assertThat(orchestrator.refused()).isEmpty();
  }

  @Test
  void refusesANonceItHasSeen() {
    Wire.Message info = info();
    pay(info, payment(info, 1), segment(info));

    assertThatThrownBy(() -> pay(info, payment(info, 1), segment(info)))
        .hasMessage("invalid ticket senderNonce: already seen");
    assertThat(orchestrator.accepted()).isEqualTo(1);
  }

  @Test
  void refusesATicketSignedForAnotherNonce() {
    Wire.Message info = info();
    byte[] swapped = payment(info, sender(2, sign(ticketHash(info, 1))));

    assertThatThrownBy(() -> pay(info, swapped, segment(info)))
        .hasMessage("invalid ticket signature");
  }

  @Test
  void refusesAnotherFaceValueBecauseTheRandNoLongerFits() {
    Wire.Message info = info();
    Wire.Message params = info.message(2);
    byte[] cheaper = params(params, params.integer(2).subtract(BigInteger.ONE));
    byte[] payment = payment(info, cheaper, sender(1, sign(ticketHash(info, 1))));

    assertThatThrownBy(() -> pay(info, payment, segment(info)))
        .hasMessage("invalid recipientRand for ticket recipientRandHash");
  }

  @Test
  void refusesMoreThanSixHundredNonces() {
    Wire.Message info = info();
    for (int nonce = 1; nonce <= Orchestrator.MAX_NONCES; nonce++) {
      pay(info, payment(info, nonce), segment(info));
    }

    assertThatThrownBy(() -> pay(info, payment(info, 601), segment(info)))
        .hasMessage("invalid ticket senderNonce: too many values");
  }

  @Test
  void refusesCredentialsItDidNotIssue() {
    Wire.Message info = info();
    byte[] token =
        new Wire.Writer().bytes(1, new byte[32]).text(2, "other").number(3, 2_000_000_000).done();

    assertThatThrownBy(() -> pay(info, payment(info, 1), segment(token)))
        .hasMessage("invalid auth token");
  }

  @Test
  void refusesASenderThatDoesNotOwnItsAddress() {
    byte[] wrong = sign(Eth.keccak("0xdead".getBytes(StandardCharsets.US_ASCII)));

    assertThatThrownBy(() -> orchestrator.info(Keys.toChecksumAddress(Eth.hex(SENDER)), wrong))
        .isInstanceOf(Orchestrator.Refused.class);
  }

  private Orchestrator orchestrator(byte[] secret) {
    return new Orchestrator(
        "https://127.0.0.1:8935",
        Eth.bytes("0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
        secret,
        50,
        chain,
        CLOCK,
        new Random(1));
  }

  private Wire.Message info() {
    String address = Keys.toChecksumAddress(Eth.hex(SENDER));
    byte[] signature = sign(Eth.keccak(address.getBytes(StandardCharsets.US_ASCII)));
    return Wire.read(orchestrator.info(address, signature));
  }

  private byte[] pay(Wire.Message info, byte[] payment, byte[] segment) {
    assertThat(info.has(2)).isTrue();
    Base64.Encoder base64 = Base64.getEncoder();
    return orchestrator.pay(base64.encodeToString(payment), base64.encodeToString(segment));
  }

  private byte[] payment(Wire.Message info, long... nonces) {
    byte[][] tickets =
        Arrays.stream(nonces)
            .mapToObj(nonce -> sender(nonce, sign(ticketHash(info, nonce))))
            .toArray(byte[][]::new);
    return payment(info, params(info.message(2), info.message(2).integer(2)), tickets);
  }

  private byte[] payment(Wire.Message info, byte[] ticket) {
    return payment(info, params(info.message(2), info.message(2).integer(2)), ticket);
  }

  private byte[] payment(Wire.Message info, byte[] params, byte[]... tickets) {
    Wire.Message expiration = info.message(2).message(7);
    Wire.Writer writer =
        new Wire.Writer()
            .message(1, params)
            .bytes(2, SENDER)
            .message(
                3,
                new Wire.Writer()
                    .number(1, expiration.number(1))
                    .bytes(2, expiration.bytes(2))
                    .done());
    for (byte[] ticket : tickets) {
      writer.message(4, ticket);
    }
    return writer.message(5, new Orchestrator.Price(50, 1).encoded()).done();
  }

  private static byte[] params(Wire.Message params, BigInteger faceValue) {
    return new Wire.Writer()
        .bytes(1, params.bytes(1))
        .bytes(2, Wire.minimal(faceValue))
        .bytes(3, params.bytes(3))
        .bytes(4, params.bytes(4))
        .bytes(5, params.bytes(5))
        .bytes(6, params.bytes(6))
        .done();
  }

  private static byte[] sender(long nonce, byte[] signature) {
    return new Wire.Writer().number(1, nonce).bytes(2, signature).done();
  }

  private byte[] segment(Wire.Message info) {
    return segment(info.bytes(6));
  }

  private byte[] segment(byte[] authToken) {
    byte[] manifest = "f00dcafe".getBytes(StandardCharsets.US_ASCII);
    byte[] hash = Eth.keccak(new byte[0]);
    return new Wire.Writer()
        .bytes(1, manifest)
        .bytes(3, hash)
        .bytes(5, sign(Eth.keccak(manifest, new byte[32], hash)))
        .message(8, authToken)
        .done();
  }

  private byte[] ticketHash(Wire.Message info, long nonce) {
    Wire.Message params = info.message(2);
    return Eth.keccak(
        params.bytes(1),
        SENDER,
        Wire.word(params.integer(2)),
        Wire.word(params.integer(3)),
        Wire.word(BigInteger.valueOf(nonce)),
        params.bytes(4),
        chain.auxData());
  }

  private static byte[] sign(byte[] message) {
    byte[] digest = Eth.personal(message);
    byte[] compact = Secp256k1.get().sign(digest, KEY);
    for (int id = 0; id < 2; id++) {
      byte[] signature = Arrays.copyOf(compact, 65);
      signature[64] = (byte) (27 + id);
      if (Eth.signer(digest, signature).map(s -> Arrays.equals(s, SENDER)).orElse(false)) {
        return signature;
      }
    }
    throw new AssertionError("no recovery id fits");
  }
}
