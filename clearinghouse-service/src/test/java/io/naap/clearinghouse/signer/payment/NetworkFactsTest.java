package io.naap.clearinghouse.signer.payment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.naap.clearinghouse.signer.protocol.Fraction;
import io.naap.clearinghouse.signer.protocol.OrchestratorInfo;
import io.naap.clearinghouse.signer.protocol.Ticket;
import io.naap.clearinghouse.signer.protocol.TicketParams;
import io.naap.clearinghouse.signer.protocol.TicketPayment;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.Keccak;
import io.naap.clearinghouse.wallet.TestWallet;
import io.naap.clearinghouse.wallet.Wallet;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Numbers that go-livepeer's own tests hold it to (pm, core, crypto), held against ours. */
class NetworkFactsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final String NO_ADDRESS = "00".repeat(20);
  private static final String NO_HASH = "00".repeat(32);
  private static final String RAND_HASH =
      "41b1a0649752af1b28b3dc29a1556eee781e4a4c3a1f7f53f90fa834de098c4d";
  private static final String BLOCK_HASH =
      "7624778dedc75f8b322b9fa1632a610d40b85e106c7d9bf0e743a9ce291b9c6f";
  private static final BigInteger FACE_VALUE = new BigInteger("20000000000000000");
  private static final BigInteger WIN_PROB =
      new BigInteger("5789604461865809771178549250434395392663499233282028201972880000000000000");

  private record Hashed(
      String recipient,
      long faceValue,
      long winProb,
      long nonce,
      String randHash,
      long round,
      String blockHash,
      String hash) {
    Ticket ticket() {
      return new Ticket(
          bytes(recipient),
          bytes(NO_ADDRESS),
          BigInteger.valueOf(faceValue),
          BigInteger.valueOf(winProb),
          nonce,
          bytes(randHash),
          round,
          bytes(blockHash));
    }
  }

  @Test
  void everyFieldOfATicketHasItsPlaceInTheHash() {
    String recipient = "73aed7b5deb30222fa896f399d46cc99c7bee57f";
    List<Hashed> facts =
        List.of(
            new Hashed(
                NO_ADDRESS,
                0,
                0,
                4_294_967_295L,
                NO_HASH,
                0,
                NO_HASH,
                "e1393fc7f6de093780674022f96cb8e3872235167d037c04d554e58c0e63d280"),
            new Hashed(
                NO_ADDRESS,
                0,
                0,
                1,
                NO_HASH,
                0,
                NO_HASH,
                "ce0918ba94518293e9712effbe5fca4f1f431089833a5b8c257cb1e024595f68"),
            new Hashed(
                NO_ADDRESS,
                1,
                500,
                0,
                NO_HASH,
                0,
                NO_HASH,
                "87ef13f2d37e4d5352a01d3c77b8179d80e0887f1953bfabfd0bfd7b0f689ddd"),
            new Hashed(
                NO_ADDRESS,
                500,
                1,
                0,
                NO_HASH,
                0,
                NO_HASH,
                "aa4b35071043587992ac8b9dd1b2cf1d8311130e6458cf0b2342484e21af5f5b"),
            new Hashed(
                recipient,
                0,
                0,
                0,
                NO_HASH,
                0,
                NO_HASH,
                "81e353ae39046e2b77b9f996abbaeed527fda559b61ef90f299c4499dd508ccc"),
            new Hashed(
                NO_ADDRESS,
                0,
                0,
                0,
                RAND_HASH,
                0,
                NO_HASH,
                "be5eaf9a49a39540b9bb02f1a21904f61324a29819e2c032824bfaa10c100b17"),
            new Hashed(
                NO_ADDRESS,
                0,
                0,
                0,
                NO_HASH,
                10,
                RAND_HASH,
                "e502907c16036ab3d11b78c5a2e93c20f3d6415c67f91de4ed01348182b3b2e2"));
    for (Hashed fact : facts) {
      assertThat(HEX.formatHex(fact.ticket().hash())).as(fact.toString()).isEqualTo(fact.hash());
      String auxData = fact.round() == 0 ? "" : "%064x".formatted(fact.round()) + fact.blockHash();
      assertThat(HEX.formatHex(fact.ticket().preimage()))
          .as(fact.toString())
          .isEqualTo(
              fact.recipient()
                  + NO_ADDRESS
                  + "%064x%064x%064x".formatted(fact.faceValue(), fact.winProb(), fact.nonce())
                  + fact.randHash()
                  + auxData)
          .hasSize(2 * (auxData.isEmpty() ? 168 : 232));
    }
  }

  @Test
  void theRoundIsLeftOutOnlyWhenItAndItsHashAreBothNothing() {
    record Case(long round, String blockHash, String auxData) {}
    List<Case> facts =
        List.of(
            new Case(0, BLOCK_HASH, NO_HASH + BLOCK_HASH),
            new Case(5, NO_HASH, "00".repeat(31) + "05" + NO_HASH),
            new Case(0, NO_HASH, ""),
            new Case(5, BLOCK_HASH, "00".repeat(31) + "05" + BLOCK_HASH));
    for (Case fact : facts) {
      Ticket ticket =
          new Hashed(NO_ADDRESS, 0, 0, 0, NO_HASH, fact.round(), fact.blockHash(), "").ticket();
      assertThat(HEX.formatHex(ticket.auxData())).as(fact.toString()).isEqualTo(fact.auxData());
    }
  }

  @Test
  void aTicketIsWorthItsFaceValueTimesItsChanceAndNotAWeiOfRounding() {
    BigInteger most = Ticket.MAX_WIN_PROB;
    assertThat(most)
        .isEqualTo(
            new BigInteger(
                "115792089237316195423570985008687907853269984665640564039457584007913129639935"));
    record Whole(long faceValue, BigInteger winProb, long value) {}
    for (Whole fact :
        List.of(
            new Whole(1000, most.shiftRight(1), 500),
            new Whole(1000, BigInteger.ZERO, 0),
            new Whole(1000, most, 1000),
            new Whole(0, BigInteger.valueOf(999), 0))) {
      assertThat(Ticket.value(BigInteger.valueOf(fact.faceValue()), fact.winProb()).rounded())
          .as(fact.toString())
          .isEqualTo(fact.value());
    }

    // Orchestrators round the chance up, so that five wei are a little more than five.
    record Chance(String faceValue, String winProb, String numerator) {}
    BigInteger denominator =
        new BigInteger(
            "7719472615821079694904732333912527190217998977709370935963838933860875309329");
    for (Chance fact :
        List.of(
            new Chance(
                "100000000",
                "5789604461865809771178549250434395392663499233282028201972879200395660",
                "38597363079105398474523661669562635951089994888546854679819194669304400000000"),
            new Chance(
                "777000000",
                "745122839364969082519761808292714979750772102095499125093034646125570",
                "38597363079105398474523661669562635951089994888546854679819194669304526000000"),
            new Chance(
                "10001",
                "57890255593098787833002192285115442382396752657554526567072084795477017120",
                "38597363079105398474523661669562635951089994888546854679819194669304376547808"))) {
      BigInteger faceValue = new BigInteger(fact.faceValue());
      BigInteger winProb = new BigInteger(fact.winProb());
      Fraction value = Ticket.value(faceValue, winProb);
      assertThat(value).isEqualTo(new Fraction(new BigInteger(fact.numerator()), denominator));
      assertThat(value).isGreaterThan(Fraction.of(BigInteger.valueOf(5)));
      assertThat(value.display()).isEqualTo("5.000");
      // Five for each of so many face values, and five more for what is left over.
      assertThat(BigInteger.valueOf(5).multiply(most.divide(faceValue).add(BigInteger.ONE)))
          .isEqualTo(winProb);
    }
  }

  @Test
  void aSignatureIsRightInOneShapeOnly() {
    Address signer = Address.parse("0x3BadDb1eeE2105893136A3F96c8a963E9C6309d6");
    byte[] message =
        HEX.parseHex("b7da355477356fc4c47fcabcf232dc77a6db9b07b7e48b76261cc55cc8fbabb3");
    String right =
        "206443228e8f784bc3a122de0d85eb3ebff82d6a79cca26c7eeb907099a6404f"
            + "6dff57bc6828f28bd6cd073c89d94cf3364204679ed8365fa45b5ee6af19a984";
    String highS =
        "e742ff452d41413616a5bf43fe15dd88294e983d3d36206c2712f39083d638bd"
            + "e0a0fc89be718fbc1033e1d30d78be1c68081562ed2e97af876f286f3453231d1b";

    assertThat(Wallet.signer(message, bytes(right + "1c"))).contains(signer);
    assertThat(Wallet.signer(new byte[0], bytes(right + "1c")).filter(signer::equals)).isEmpty();
    assertThat(Wallet.signer(message, bytes(highS))).isEmpty();
    assertThat(Wallet.signer(message, bytes(right))).isEmpty();
    assertThat(Wallet.signer(message, bytes(right + "e5"))).isEmpty();
    assertThat(
            HEX.formatHex(
                Keccak.hash(
                    "\u0019Ethereum Signed Message:\n32".getBytes(StandardCharsets.US_ASCII),
                    message)))
        .isEqualTo("1288735ecfc69223aebf1e4550f8b609241a2a5097d9b34ca50f929e1b8acb6c");
  }

  /** Ours is always segment zero of nothing; the layout is known from one that is not. */
  @Test
  void aSegmentIsHashedAsManifestNumberContentAndProfiles() {
    String profiles =
        Stream.of("P144p30fps16x9", "P240p30fps16x9")
            .map(name -> HEX.formatHex(Keccak.hash(ascii(name)), 0, 4))
            .reduce("", String::concat);

    byte[] hash =
        Keccak.hash(
            ascii("abcdef"),
            HEX.parseHex("%064x".formatted(1234)),
            HEX.parseHex(HEX.formatHex(ascii("browns")) + "00".repeat(26)),
            ascii(profiles));

    assertThat(HEX.formatHex(hash))
        .isEqualTo("08a398e7e7a5a545b0b07d9e7e1eab52b4131e0df1621bd53ee6e7550a15465b");
  }

  /**
   * The orchestrator keeps no secret a ticket: it derives it again from what a payment echoes, in
   * minimal bytes. One byte lost or padded on the way would make every ticket worthless.
   */
  @Test
  void anOrchestratorFindsItsSecretAgainInWhatThePaymentEchoes() throws Exception {
    JsonNode wire;
    try (InputStream in = getClass().getResourceAsStream("/vectors/payment_wire.json")) {
      wire = new ObjectMapper().readTree(in);
    }
    OrchestratorInfo asked =
        OrchestratorInfo.read(
            ByteString.copyFrom(
                Base64.getDecoder().decode(wire.path("orchestratorInfoBase64").asText())));
    TicketParams before = asked.ticketParams().orElseThrow();
    Address sender = TestWallet.hardhat0().address();
    ByteString payment =
        new TicketPayment(
                before,
                sender.bytes(),
                before.creationRound(),
                before.creationRoundBlockHash(),
                List.of(),
                asked.priceInfo().orElseThrow().raw())
            .write();

    TicketParams echoed = TicketParams.read(before.write());
    byte[] auxData = HEX.parseHex("%064x".formatted(before.creationRound()) + RAND_HASH);
    byte[] rand =
        hmac(
            HEX.parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
            HEX.parseHex("aabbccddeeff00112233445566778899aabbccddeeff001122334455667788"),
            sender.bytes().toByteArray(),
            minimal(echoed.faceValue()),
            minimal(echoed.winProb()),
            minimal(echoed.expirationBlock()),
            minimal(BigInteger.valueOf(1200)),
            minimal(BigInteger.ONE),
            auxData);

    assertThat(echoed.faceValue()).isEqualTo(FACE_VALUE);
    assertThat(echoed.winProb()).isEqualTo(WIN_PROB);
    assertThat(echoed.expirationBlock()).isEqualTo(24_000_040);
    assertThat(new BigInteger(1, rand))
        .isEqualTo(
            new BigInteger(
                "86753569625035036668345369087462033866007622400092739111662582497038845972458"));
    assertThat(HEX.formatHex(Keccak.hash(rand)))
        .isEqualTo("d24eba23d5a53bf2ab6d791c29d5806fbb3042e023a8274e0db7710ed0870cf3")
        .isEqualTo(HEX.formatHex(echoed.recipientRandHash().toByteArray()));
    assertThat(payment.toByteArray())
        .containsSequence(before.write().toByteArray())
        .containsSequence(
            HEX.parseHex("2a1faabbccddeeff00112233445566778899aabbccddeeff001122334455667788"));
  }

  /** Batch jobs are signed by nobody here yet; the wallet would sign them as gateways do. */
  @Test
  void batchJobsAreSignedOverTheirHashInBothLayouts() {
    Wallet wallet = TestWallet.hardhat0();
    byte[] request = ascii("{\"run\":\"echo\"}");
    byte[] parameters = ascii("{}");
    byte[] today = Keccak.hash(request, parameters);
    ByteBuffer coming = ByteBuffer.allocate(512).put(ascii("LP_BYOC_JOB_V1\0\0")).putInt(30);
    for (byte[] part : List.of(ascii("job-1"), ascii("text-reversal"), request, parameters)) {
      coming.putInt(part.length).put(part);
    }
    byte[] next = Keccak.hash(java.util.Arrays.copyOf(coming.array(), coming.position()));

    assertThat(HEX.formatHex(today))
        .isEqualTo("2c956f5099e1b4fd57941419fed41ca4660aab6f59e8a38f1c424c6f8774380a");
    assertThat(HEX.formatHex(wallet.sign(today).toByteArray()))
        .isEqualTo(
            "51a48506c7c9143a7b6f2ac6489a0d0c2e51f6a93c71ea3d5718ebb5b6c18d49"
                + "434b65f4854dbf4e89b0184fcbd93aea2a99e8423d313fca59adbbd61542162d1c");
    assertThat(HEX.formatHex(next))
        .isEqualTo("6f8ec1662b44dd4d08fd2c2ff1c1143a4bf749a62d860dbba5ac9beecd463653");
    assertThat(HEX.formatHex(wallet.sign(next).toByteArray()))
        .isEqualTo(
            "5564a3da4d840f1c735aa08d67cf9d0e9d90c79a601e121454c0680c9768fff0"
                + "3e1a487124aa3faedb0d182aa731469a2db4a9189c036f7fbad36ad0446fb02f1c");
  }

  private static byte[] hmac(byte[] secret, byte[]... parts) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    for (byte[] part : parts) {
      mac.update(part);
    }
    return mac.doFinal();
  }

  private static byte[] minimal(BigInteger value) {
    return HEX.parseHex(
        value.toString(16).length() % 2 == 0 ? value.toString(16) : "0" + value.toString(16));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HEX.parseHex(hex));
  }
}
