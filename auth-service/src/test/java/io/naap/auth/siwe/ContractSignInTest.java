package io.naap.auth.siwe;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.testing.Anvil;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests contract wallets over HTTP: which user they sign in, and what happens when a chain is
 * unreachable.
 */
@QuarkusTest
@QuarkusTestResource(value = Stores.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = TwoChains.class, restrictToAnnotatedClass = true)
class ContractSignInTest {
  private static final AtomicLong NEXT = new AtomicLong(90_000);

  @Inject Transactions transactions;
  @Inject SiweConfig config;

  @ConfigProperty(name = "quarkus.http.test-port")
  int port;

  private final TestWallet key = TestWallet.of(NEXT.incrementAndGet());
  private final String contract = TestWallet.of(NEXT.incrementAndGet()).address();
  private Browser browser;

  @BeforeEach
  void open() {
    browser = new Browser(port);
  }

  @Test
  void givesAContractAUserOfItsOwnChain() {
    setCode(1, contract, Evm.ownedBy(key.address()));
    setCode(42161, contract, Evm.yes());

    Browser.Answer first = signIn(contract, 1);
    Browser.Answer again = signIn(contract, 1);
    Browser.Answer elsewhere = signIn(contract, 42161);
    Browser.Answer owner = signIn(key.address(), 1);

    assertThat(first.claims().path("wallet").asText()).isEqualTo("eip155:1:" + contract);
    assertThat(elsewhere.claims().path("wallet").asText()).isEqualTo("eip155:42161:" + contract);
    assertThat(owner.claims().path("wallet").asText()).isEqualTo(key.address());
    assertThat(again.userId()).isEqualTo(first.userId());
    assertThat(elsewhere.userId()).isNotEqualTo(first.userId());
    assertThat(owner.userId()).isNotEqualTo(first.userId()).isNotEqualTo(elsewhere.userId());
    assertThat(again.claims().path("tid")).isEqualTo(first.claims().path("tid"));
  }

  /** Anybody can deploy a contract at the address of another person's key on a worthless chain. */
  @Test
  void neverLeadsFromAContractToTheUserOfAKey() {
    Browser.Answer victim = signIn(key.address(), 1);
    setCode(42161, key.address(), Evm.yes());

    Browser.Nonce nonce = browser.nonce();
    String text = TestWallet.message(key.address(), 42161, nonce.text(), Instant.now());
    Browser.Answer thief = browser.verify(text, "0xab", nonce.cookie());

    assertThat(thief.status()).isEqualTo(200);
    assertThat(thief.userId()).isNotEqualTo(victim.userId());
    assertThat(signIn(key.address(), 1).userId()).isEqualTo(victim.userId());
  }

  @Test
  void knowsAWalletBeforeAndAfterItIsDeployed() {
    String creation = Evm.creationOf(Evm.ownedBy(key.address()));
    String salt = "0b".repeat(32);
    String address = Evm.deployedAt(salt, creation);
    Browser.Nonce nonce = browser.nonce();
    String text = TestWallet.message(address, 1, nonce.text(), Instant.now());

    Browser.Answer before =
        browser.verify(
            text,
            Evm.wrapped(Evm.DEPLOYER, Evm.deployment(salt, creation), key.sign(text)),
            nonce.cookie());
    assertThat(before.status()).isEqualTo(200);

    setCode(1, address, Evm.ownedBy(key.address()));
    assertThat(signIn(address, 1).userId()).isEqualTo(before.userId());
  }

  @Test
  void refusesAContractThatSaysNo() {
    setCode(1, contract, Evm.burnsGas());
    Browser.Nonce nonce = browser.nonce();
    String text = TestWallet.message(contract, 1, nonce.text(), Instant.now());

    Browser.Answer answer = browser.verify(text, key.sign(text), nonce.cookie());

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.code()).isEqualTo("invalid_signature");
  }

  @Test
  void signsNobodyInWhenTheChainIsDown() {
    long sessions = count("sessions");
    Browser.Nonce nonce = browser.nonce();
    String text = TestWallet.message(key.address(), TwoChains.DOWN, nonce.text(), Instant.now());

    Browser.Answer answer = browser.verify(text, key.sign(text), nonce.cookie());
    Browser.Answer again = browser.verify(text, key.sign(text), nonce.cookie());

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.code()).isEqualTo("chain_unavailable");
    assertThat(answer.retryAfter()).isEqualTo("5");
    assertThat(answer.body().toString()).doesNotContain("127.0.0.1");
    assertThat(again.status()).isEqualTo(401);
    assertThat(again.code()).isEqualTo("invalid_nonce");
    assertThat(count("sessions")).isEqualTo(sessions);
  }

  private Browser.Answer signIn(String address, long chainId) {
    Browser.Nonce nonce = browser.nonce();
    String text = TestWallet.message(address, chainId, nonce.text(), Instant.now());
    Browser.Answer answer = browser.verify(text, key.sign(text), nonce.cookie());
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    return answer;
  }

  private void setCode(long chainId, String address, String code) {
    Anvil.call(URI.create(config.rpc().get(chainId).reveal()), "anvil_setCode", address, code);
  }

  private long count(String table) {
    return transactions
        .run(tx -> tx.query("select count(*) n from " + table))
        .getFirst()
        .getLong("n");
  }
}
