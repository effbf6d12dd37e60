package io.naap.auth.siwe;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A signed message is accepted once, here, now, from the client that asked; tested over HTTP on the
 * whole service.
 */
@QuarkusTest
@QuarkusTestResource(value = Stores.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = TwoChains.class, restrictToAnnotatedClass = true)
class OneSignInTest {
  private static final int NONCES = 200;
  private static final int COPIES = 32;

  @Inject Transactions transactions;

  @ConfigProperty(name = "quarkus.http.test-port")
  int port;

  private final TestWallet wallet = TestWallet.of(31_337);
  private Browser browser;

  @BeforeEach
  void open() {
    browser = new Browser(port);
  }

  @Test
  void givesOneSessionForEveryNonceHoweverManySubmitIt() throws Exception {
    long before = count("sessions");
    Map<String, Integer> outcomes = new TreeMap<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(COPIES)) {
      for (int i = 0; i < NONCES; i++) {
        Browser.Nonce nonce = browser.nonce();
        String text = wallet.message(nonce.text(), Instant.now());
        String signature = wallet.sign(text);
        Callable<Browser.Answer> submit = () -> browser.verify(text, signature, nonce.cookie());
        for (Future<Browser.Answer> answer :
            threads.invokeAll(Collections.nCopies(COPIES, submit))) {
          outcomes.merge(answer.get().status() + answer.get().code(), 1, Integer::sum);
        }
      }
    }

    assertThat(outcomes)
        .isEqualTo(Map.of("200", NONCES, "401invalid_nonce", NONCES * (COPIES - 1)));
    assertThat(count("sessions") - before).isEqualTo(NONCES);
  }

  @Test
  void givesNothingToAnotherBrowser() throws Exception {
    long before = count("sessions");
    List<Callable<Browser.Answer>> crossed = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      String cookie = i % 2 == 0 ? null : "x";
      Browser.Nonce mine = browser.nonce();
      Browser.Nonce theirs = browser.nonce();
      String text = wallet.message(mine.text(), Instant.now());
      String signature = wallet.sign(text);
      String other = wallet.message(theirs.text(), Instant.now());
      crossed.add(() -> browser.verify(text, signature, theirs.cookie()));
      crossed.add(() -> browser.verify(other, wallet.sign(other), cookie));
    }

    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (Future<Browser.Answer> answer : threads.invokeAll(crossed)) {
        assertThat(answer.get().status()).isEqualTo(401);
        assertThat(answer.get().code()).isEqualTo("invalid_nonce");
      }
    }
    assertThat(count("sessions")).isEqualTo(before);
  }

  /** Defects of a well-formed message; tested alone and in pairs. */
  private enum Defect {
    DOMAIN_OF_ANOTHER("localhost:8080 wants", "evil.example wants"),
    DOMAIN_WITHOUT_PORT("localhost:8080 wants", "localhost wants"),
    DOMAIN_WITH_USER("localhost:8080 wants", "localhost:8080@evil.example wants"),
    DOMAIN_IN_CAPITALS("localhost:8080 wants", "LOCALHOST:8080 wants"),
    SCHEME("localhost:8080 wants", "https://localhost:8080 wants"),
    URI_OF_ANOTHER("URI: http://localhost:8080/", "URI: http://evil.example/localhost:8080/"),
    URI_SCHEME("URI: http:", "URI: https:"),
    URI_WITH_USER("URI: http://localhost:8080/", "URI: http://localhost:8080@evil.example/"),
    URI_PORT("URI: http://localhost:8080/", "URI: http://localhost:80800/"),
    URI_WITHOUT_HOST("URI: http://localhost:8080/", "URI: http:localhost:8080"),
    CHAIN("Chain ID: 1", "Chain ID: 5"),
    ISSUED_LATER("Issued At: .*", "Issued At: {600}"),
    ISSUED_LONG_AGO("Issued At: .*", "Issued At: {-7200}"),
    EXPIRED("$", "\nExpiration Time: {-1}"),
    NOT_YET("$", "\nNot Before: {600}"),
    NONCE("Nonce: .*", "Nonce: abcdefgh12345678"),
    COOKIE("", ""),
    SIGNER("", "");

    private final String what;
    private final String by;

    Defect(String what, String by) {
      this.what = what;
      this.by = by;
    }

    /** The line that the defect changes; two defects of one line cannot be combined. */
    private String line() {
      return what.isEmpty() ? name() : what.substring(0, Math.min(5, what.length()));
    }

    /** Adds this defect to a message; {@code {n}} in it becomes the time n seconds from now. */
    private String spoil(String text) {
      String now =
          Pattern.compile("\\{(-?[0-9]+)}")
              .matcher(by)
              .replaceAll(
                  seconds ->
                      Instant.now().plusSeconds(Long.parseLong(seconds.group(1))).toString());
      return text.replaceFirst(what, now);
    }

    private boolean goesWith(Defect other) {
      // Defects that append a line combine too: "Not Before" follows "Expiration Time", as in the
      // order of the constants.
      return this == other || what.equals("$") || !line().equals(other.line());
    }

    private String code() {
      return switch (this) {
        case NONCE, COOKIE -> "invalid_nonce";
        case SIGNER -> "invalid_signature";
        default -> "invalid_message";
      };
    }

    private int stage() {
      return List.of("invalid_nonce", "invalid_message", "invalid_signature").indexOf(code());
    }
  }

  static Stream<String> defects() {
    List<Defect> all = List.of(Defect.values());
    return IntStream.range(0, all.size())
        .boxed()
        .flatMap(
            i ->
                all.subList(i, all.size()).stream()
                    .filter(all.get(i)::goesWith)
                    .map(other -> all.get(i) + " " + other));
  }

  @ParameterizedTest
  @MethodSource("defects")
  void refusesEveryDefectAndEveryTwo(String names) {
    Defect one = Defect.valueOf(names.substring(0, names.indexOf(' ')));
    Defect other = Defect.valueOf(names.substring(names.indexOf(' ') + 1));
    long before = count("sessions");
    Browser.Nonce nonce = browser.nonce();
    String text = one.spoil(wallet.message(nonce.text(), Instant.now()));
    if (one != other) {
      text = other.spoil(text);
    }
    List<Defect> both = List.of(one, other);
    TestWallet signer = both.contains(Defect.SIGNER) ? TestWallet.of(5) : wallet;

    Browser.Answer answer =
        browser.verify(
            text,
            signer.sign(text),
            both.contains(Defect.COOKIE) ? browser.nonce().cookie() : nonce.cookie());

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.code()).isEqualTo(one.stage() < other.stage() ? one.code() : other.code());
    assertThat(count("sessions")).isEqualTo(before);
  }

  @Test
  void hasMoreThanSixtyOfThem() {
    assertThat(defects().count()).isGreaterThan(60);
  }

  /** Other lines that may contain a nonce; %s is a valid nonce of this client. */
  static Stream<String> elsewhere() {
    return Stream.of(
        "Sign in.|Nonce: %s",
        "Sign in.|%s",
        "Sign in.|Version: 1 Chain ID: 1 Nonce: %s",
        "URI: http://localhost:8080/|URI: http://localhost:8080/%s",
        "URI: http://localhost:8080/|URI: http://localhost:8080/?nonce=%s",
        "URI: http://localhost:8080/|URI: http://localhost:8080/#Nonce:%%20%s",
        "$|\nRequest ID: %s",
        "$|\nRequest ID: Nonce:%%20%s",
        "$|\nResources:\n- urn:nonce:%s",
        "$|\nResources:\n- http://localhost:8080/%s\n- urn:Nonce:%s",
        "Nonce: abcdefgh|Nonce: abcdefgh%s",
        "Nonce: abcdefgh|Nonce: %sx");
  }

  @ParameterizedTest
  @MethodSource("elsewhere")
  void readsTheNonceWhereItBelongsOnly(String change) {
    Browser.Nonce mine = browser.nonce();
    String[] parts = change.split("\\|", -1);
    String text =
        wallet
            .message("abcdefgh12345678", Instant.now())
            .replaceFirst(parts[0], parts[1].replace("%%", "%").replace("%s", mine.text()));

    Browser.Answer answer = browser.verify(text, wallet.sign(text), mine.cookie());

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.code()).isEqualTo("invalid_nonce");
    // The nonce was not used up either.
    String good = wallet.message(mine.text(), Instant.now());
    assertThat(browser.verify(good, wallet.sign(good), mine.cookie()).status()).isEqualTo(200);
  }

  private long count(String table) {
    return transactions
        .run(tx -> tx.query("select count(*) n from " + table))
        .getFirst()
        .getLong("n");
  }
}
