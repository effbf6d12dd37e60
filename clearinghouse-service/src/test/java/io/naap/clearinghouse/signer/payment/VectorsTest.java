package io.naap.clearinghouse.signer.payment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.naap.clearinghouse.signer.protocol.Fraction;
import io.naap.clearinghouse.signer.protocol.OrchestratorInfo;
import io.naap.clearinghouse.signer.protocol.PaymentRequest;
import io.naap.clearinghouse.signer.protocol.PaymentState;
import io.naap.clearinghouse.signer.protocol.SegmentCredentials;
import io.naap.clearinghouse.signer.protocol.Ticket;
import io.naap.clearinghouse.signer.protocol.TicketPayment;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.Keccak;
import io.naap.clearinghouse.wallet.TestWallet;
import io.naap.clearinghouse.wallet.Wallet;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Byte for byte against what go-livepeer's own code made of the same input. */
class VectorsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final Wallet wallet = TestWallet.hardhat0();

  @Test
  void signsTheAddressForOrchestrators() throws IOException {
    JsonNode vector = vector("sign_orchestrator_info");

    assertThat(wallet.address()).hasToString(vector.path("address").asText());
    byte[] message = wallet.address().toString().getBytes(StandardCharsets.US_ASCII);
    assertThat(hex(wallet.sign(Keccak.hash(message))))
        .isEqualTo(vector.path("response").path("signature").asText());
  }

  @Test
  void hashesAndSignsTickets() throws IOException {
    JsonNode vector = vector("signed_tickets");

    for (JsonNode expected : vector.path("tickets")) {
      Ticket ticket =
          new Ticket(
              Address.parse(vector.path("recipient").asText()).bytes(),
              wallet.address().bytes(),
              new BigInteger(vector.path("faceValue").asText()),
              new BigInteger(vector.path("winProb").asText()),
              expected.path("senderNonce").asLong(),
              bytes(vector.path("recipientRandHash")),
              vector.path("creationRound").asLong(),
              bytes(vector.path("creationRoundBlockHash")));
      assertThat("0x" + HexFormat.of().formatHex(ticket.hash()))
          .isEqualTo(expected.path("ticketHash").asText());
      ByteString signature = wallet.sign(ticket.hash());
      assertThat(hex(signature)).isEqualTo(expected.path("sig").asText());
      assertThat(wallet.signed(ticket.hash(), signature)).isTrue();
      assertThat(Ticket.value(ticket.faceValue(), ticket.winProb()))
          .isEqualTo(
              new Fraction(
                  new BigInteger(expected.path("evRat").asText().split("/", -1)[0]),
                  new BigInteger(expected.path("evRat").asText().split("/", -1)[1])));
    }
  }

  @Test
  void writesThePaymentAndTheSegmentCredentials() throws IOException {
    JsonNode vector = vector("payment_wire");
    OrchestratorInfo info =
        OrchestratorInfo.read(
            ByteString.copyFrom(
                Base64.getDecoder().decode(vector.path("orchestratorInfoBase64").asText())));
    List<TicketPayment.SignedNonce> tickets = new ArrayList<>();
    for (JsonNode ticket : vector.path("paymentDecoded").path("ticketSenderParams")) {
      tickets.add(
          new TicketPayment.SignedNonce(
              ticket.path("senderNonce").asInt(), bytes(ticket.path("sig"))));
    }

    ByteString payment =
        new TicketPayment(
                info.ticketParams().orElseThrow(),
                wallet.address().bytes(),
                info.ticketParams().orElseThrow().creationRound(),
                info.ticketParams().orElseThrow().creationRoundBlockHash(),
                tickets,
                info.priceInfo().orElseThrow().raw())
            .write();
    SegmentCredentials credentials =
        new SegmentCredentials(
            vector.path("manifestID").asText(), Optional.empty(), info.authToken());

    assertThat(base64(payment)).isEqualTo(vector.path("paymentHeader_Livepeer-Payment").asText());
    assertThat(base64(credentials.write(wallet.sign(credentials.hash()))))
        .isEqualTo(vector.path("segCredsHeader_Livepeer-Segment").asText());
    assertThat(info.authTokenExpiration())
        .isEqualTo(vector.path("authToken").path("expiration").asLong());
  }

  @Test
  void forwardsCapabilitiesUnchanged() throws IOException {
    JsonNode requests = vector("requests");
    JsonNode wire = vector("payment_wire");
    OrchestratorInfo info =
        OrchestratorInfo.read(
            ByteString.copyFrom(
                Base64.getDecoder().decode(wire.path("orchestratorInfoBase64").asText())));
    PaymentRequest request = PaymentRequest.read(requests.path("goGateway_initial_lv2v").asText());
    SegmentCredentials credentials =
        new SegmentCredentials(
            wire.path("manifestID").asText(), request.capabilities(), info.authToken());

    assertThat(request.state().isAbsent()).isTrue();
    assertThat(request.type()).isEqualTo("lv2v");
    assertThat(base64(credentials.write(wallet.sign(credentials.hash()))))
        .isEqualTo(requests.path("segCredsWithCapabilities_base64").asText());
  }

  @Test
  void writesReadsAndSignsTheState() throws IOException {
    JsonNode vector = vector("state_blob");
    byte[] expected = vector.path("stateJson").asText().getBytes(StandardCharsets.UTF_8);

    PaymentState state = PaymentState.read(expected).orElseThrow();

    assertThat(new String(state.write(), StandardCharsets.UTF_8))
        .isEqualTo(vector.path("stateJson").asText());
    assertThat(base64(wallet.sign(expected))).isEqualTo(vector.path("sigBase64").asText());
    assertThat(wallet.signed(expected, wallet.sign(expected))).isTrue();
    expected[20] ^= 1;
    assertThat(
            wallet.signed(
                expected,
                ByteString.copyFrom(Base64.getDecoder().decode(vector.path("sigBase64").asText()))))
        .isFalse();
  }

  @Test
  void readsTheRequestsOfGatewaysAndSdks() throws IOException {
    JsonNode requests = vector("requests");

    PaymentRequest followUp =
        PaymentRequest.read(requests.path("goGateway_followup_lv2v").asText());
    PaymentRequest fixed = PaymentRequest.read(requests.path("sdk_fixed_with_maxPrice").asText());

    assertThat(wallet.signed(followUp.state().text().toByteArray(), followUp.state().signature()))
        .isTrue();
    assertThat(fixed.maxPrice().orElseThrow().value().orElseThrow()).isEqualByComparingTo("1300.5");
    assertThat(fixed.app()).isEqualTo("live-video-to-video/scope");
    assertThat(PaymentRequest.read("{\"MANIFESTid\":\"m\",\"Type\":\"live\"}").manifestId())
        .isEqualTo("m");
  }

  private static JsonNode vector(String name) throws IOException {
    try (InputStream in = VectorsTest.class.getResourceAsStream("/vectors/" + name + ".json")) {
      return JSON.readTree(in);
    }
  }

  private static ByteString bytes(JsonNode hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex.asText().substring(2)));
  }

  private static String hex(ByteString bytes) {
    return "0x" + HexFormat.of().formatHex(bytes.toByteArray());
  }

  private static String base64(ByteString bytes) {
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }
}
