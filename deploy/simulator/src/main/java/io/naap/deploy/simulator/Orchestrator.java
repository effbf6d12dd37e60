package io.naap.deploy.simulator;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The payment side of an orchestrator: issues ticket parameters and checks the tickets it is paid
 * with as go-livepeer's {@code pm/recipient.go} and {@code server/segment_rpc.go} do. Not
 * thread-safe: one event loop owns it.
 */
final class Orchestrator {
  /** An orchestrator remembers at most so many nonces per recipientRand. */
  static final int MAX_NONCES = 600;

  static final BigInteger MAX_WIN_PROB = BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE);
  private static final BigInteger TICKET_EV = BigInteger.valueOf(8_000_000_000L);

  /** redeemGas x gas price x 100, as {@code pm/recipient.go} sizes it on Arbitrum. */
  private static final BigInteger FACE_VALUE =
      BigInteger.valueOf(1_200_000L)
          .multiply(BigInteger.valueOf(100_000_000L))
          .multiply(BigInteger.valueOf(100));

  private static final long VALID_BLOCKS = 40;
  private static final long AUTH_SECONDS = 30 * 60;
  private static final byte[] EMPTY_HASH = Eth.keccak(new byte[0]);

  private final String url;
  private final byte[] address;
  private final byte[] secret;
  private final long pricePerPixel;
  private final ChainState chain;
  private final Clock clock;
  private final RandomGenerator random;

  private final Map<BigInteger, Set<Long>> nonces = new HashMap<>();
  private final Map<String, Long> refused = new TreeMap<>();
  private final Map<String, BigInteger> creditBySession = new HashMap<>();
  private long accepted;
  private long winning;

  Orchestrator(
      String url,
      byte[] address,
      byte[] secret,
      long pricePerPixel,
      ChainState chain,
      Clock clock,
      RandomGenerator random) {
    this.url = url;
    this.address = address.clone();
    this.secret = secret.clone();
    this.pricePerPixel = pricePerPixel;
    this.chain = chain;
    this.clock = clock;
    this.random = random;
  }

  /** Its address. */
  String url() {
    return url;
  }

  long accepted() {
    return accepted;
  }

  long winning() {
    return winning;
  }

  Map<String, Long> refused() {
    return refused;
  }

  /**
   * Answers a gateway's {@code GetOrchestrator}: the sender proves its address, then gets an {@code
   * OrchestratorInfo} with fresh ticket parameters.
   *
   * @throws Refused when the signature is not the sender's
   */
  byte[] info(String senderAddress, byte[] signature) {
    byte[] sender = Eth.bytes(senderAddress);
    byte[] digest = Eth.personal(Eth.keccak(senderAddress.getBytes(StandardCharsets.US_ASCII)));
    if (!Eth.signer(digest, signature).map(signer -> Arrays.equals(signer, sender)).orElse(false)) {
      throw refuse("orchestrator request sig check failed");
    }
    return info(sender, hexId());
  }

  /** Fresh ticket parameters for a sender's session, as {@code POST /refresh-payment} answers. */
  byte[] challenge(String senderAddress, String manifestId) {
    return info(Eth.bytes(senderAddress), manifestId);
  }

  private byte[] info(byte[] sender, String sessionId) {
    BigInteger winProb = winProb();
    BigInteger expiration = BigInteger.valueOf(chain.l1Block() + VALID_BLOCKS);
    BigInteger seed = new BigInteger(256, new java.util.Random(random.nextLong()));
    byte[] aux = chain.auxData();
    BigInteger rand = recipientRand(seed, sender, FACE_VALUE, winProb, expiration, price(), aux);
    byte[] params =
        new Wire.Writer()
            .bytes(1, address)
            .bytes(2, Wire.minimal(FACE_VALUE))
            .bytes(3, Wire.minimal(winProb))
            .bytes(4, Eth.keccak(Wire.word(rand)))
            .bytes(5, Wire.minimal(seed))
            .bytes(6, Wire.minimal(expiration))
            .message(
                7, new Wire.Writer().number(1, chain.round()).bytes(2, chain.roundHash()).done())
            .done();
    long authExpiry = clock.instant().getEpochSecond() + AUTH_SECONDS;
    byte[] authToken =
        new Wire.Writer()
            .bytes(1, authMac(sessionId, authExpiry))
            .text(2, sessionId)
            .number(3, authExpiry)
            .done();
    return new Wire.Writer()
        .text(1, url)
        .message(2, params)
        .message(3, price().encoded())
        .bytes(4, address)
        .message(6, authToken)
        .done();
  }

  /**
   * Takes a payment: the two headers of {@code POST /payment}.
   *
   * @return an encoded {@code PaymentResult} with fresh ticket parameters
   * @throws Refused as the real one refuses, with its words and status
   */
  byte[] pay(String paymentHeader, String segmentHeader) {
    Wire.Message payment = decode(paymentHeader, 402, "could not parse payment");
    Wire.Message segment = decode(segmentHeader, 403, "could not parse segment credentials");
    byte[] sender = payment.bytes(2);
    checkSegment(segment, sender);
    Wire.Message params = payment.message(1);
    Wire.Message expiration = payment.message(3);
    byte[] aux =
        Eth.concat(Wire.word(BigInteger.valueOf(expiration.number(1))), expiration.bytes(2));
    Price price = Price.of(payment.message(5));
    BigInteger faceValue = params.integer(2);
    BigInteger winProb = params.integer(3);
    check(Arrays.equals(params.bytes(1), address), "invalid ticket recipient");
    check(sender.length == 20 && !Arrays.equals(sender, new byte[20]), "invalid ticket sender");
    check(price.pixels() != 0, "invalid expected price sent with payment");
    BigInteger rand =
        recipientRand(params.integer(5), sender, faceValue, winProb, params.integer(6), price, aux);
    check(
        Arrays.equals(Eth.keccak(Wire.word(rand)), params.bytes(4)),
        "invalid recipientRand for ticket recipientRandHash");
    check(
        params.integer(6).compareTo(BigInteger.valueOf(chain.l1Block())) > 0,
        "ticket params expired");
    for (Wire.Message ticket : payment.messages(4)) {
      receive(params, sender, aux, ticket, rand);
    }
    String session = new String(segment.message(8).bytes(2), StandardCharsets.UTF_8);
    BigInteger paid =
        faceValue
            .multiply(winProb)
            .divide(MAX_WIN_PROB)
            .multiply(BigInteger.valueOf(payment.messages(4).size()));
    creditBySession.merge(session, paid, BigInteger::add);
    return new Wire.Writer().message(16, info(sender, session)).done();
  }

  /** What a session has paid so far, in wei of expected value. */
  BigInteger credit(String session) {
    return creditBySession.getOrDefault(session, BigInteger.ZERO);
  }

  private void receive(
      Wire.Message params, byte[] sender, byte[] aux, Wire.Message ticket, BigInteger rand) {
    long nonce = ticket.number(1);
    byte[] signature = ticket.bytes(2);
    byte[] hash =
        Eth.keccak(
            address,
            sender,
            Wire.word(params.integer(2)),
            Wire.word(params.integer(3)),
            Wire.word(BigInteger.valueOf(nonce)),
            params.bytes(4),
            aux);
    check(
        Eth.signer(Eth.personal(hash), signature)
            .map(signer -> Arrays.equals(signer, sender))
            .orElse(false),
        "invalid ticket signature");
    Set<Long> seen = nonces.computeIfAbsent(rand, key -> new HashSet<>());
    check(!seen.contains(nonce), "invalid ticket senderNonce: already seen");
    check(seen.size() < MAX_NONCES, "invalid ticket senderNonce: too many values");
    seen.add(nonce);
    accepted++;
    BigInteger draw = new BigInteger(1, Eth.keccak(signature, Wire.word(rand)));
    if (draw.compareTo(params.integer(3)) < 0) {
      winning++;
    }
  }

  private void checkSegment(Wire.Message segment, byte[] sender) {
    byte[] manifest = segment.bytes(1);
    byte[] hash = segment.bytes(3);
    byte[] flat = Eth.keccak(manifest, Wire.word(BigInteger.valueOf(segment.number(2))), hash);
    boolean signed =
        Eth.signer(Eth.personal(flat), segment.bytes(5))
            .map(signer -> Arrays.equals(signer, sender))
            .orElse(false);
    if (!signed || !Arrays.equals(hash, EMPTY_HASH)) {
      throw refuse(403, "segment sig check failed");
    }
    Wire.Message token = segment.message(8);
    String session = new String(token.bytes(2), StandardCharsets.UTF_8);
    if (!Arrays.equals(token.bytes(1), authMac(session, token.number(3)))) {
      throw refuse(403, "invalid auth token");
    }
    if (token.number(3) < clock.instant().getEpochSecond()) {
      throw refuse(403, "auth token expired");
    }
  }

  private Price price() {
    return new Price(pricePerPixel, 1);
  }

  private static BigInteger winProb() {
    BigInteger[] parts = MAX_WIN_PROB.divideAndRemainder(FACE_VALUE);
    BigInteger winProb = TICKET_EV.multiply(parts[0]);
    return parts[1].signum() == 0 ? winProb : winProb.add(TICKET_EV);
  }

  /** {@code pm/recipient.go}: HMAC-SHA256 over minimal big-endian integers. */
  BigInteger recipientRand(
      BigInteger seed,
      byte[] sender,
      BigInteger faceValue,
      BigInteger winProb,
      BigInteger expiration,
      Price price,
      byte[] aux) {
    BigInteger gcd = BigInteger.valueOf(price.wei()).gcd(BigInteger.valueOf(price.pixels()));
    return new BigInteger(
        1,
        hmac(
            Wire.minimal(seed),
            sender,
            Wire.minimal(faceValue),
            Wire.minimal(winProb),
            Wire.minimal(expiration),
            Wire.minimal(BigInteger.valueOf(price.wei()).divide(gcd)),
            Wire.minimal(BigInteger.valueOf(price.pixels()).divide(gcd)),
            aux));
  }

  private byte[] authMac(String session, long expiry) {
    return hmac((session + "." + expiry).getBytes(StandardCharsets.UTF_8));
  }

  private byte[] hmac(byte[]... parts) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return mac.doFinal(Eth.concat(parts));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }

  private Wire.Message decode(String header, int status, String what) {
    try {
      return Wire.read(Base64.getDecoder().decode(header));
    } catch (IllegalArgumentException | NullPointerException unreadable) {
      throw refuse(status, what);
    }
  }

  private void check(boolean holds, String otherwise) {
    if (!holds) {
      throw refuse(otherwise);
    }
  }

  private Refused refuse(String why) {
    return refuse(400, why);
  }

  private Refused refuse(int status, String why) {
    refused.merge(why, 1L, Long::sum);
    return new Refused(status, why);
  }

  private String hexId() {
    return "%08x".formatted(random.nextInt());
  }

  /** A price of so many wei for so many pixels. */
  record Price(long wei, long pixels) {
    static Price of(Wire.Message message) {
      return new Price(message.number(1), message.number(2));
    }

    byte[] encoded() {
      return new Wire.Writer().number(1, wei).number(2, pixels).done();
    }
  }

  /** A payment that was not accepted. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;

    Refused(int status, String why) {
      super(why, null, false, false);
      this.status = status;
    }

    int status() {
      return status;
    }
  }
}
