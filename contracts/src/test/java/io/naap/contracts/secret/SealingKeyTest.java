package io.naap.contracts.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class SealingKeyTest {
  private static final byte[] PLAIN = "whsec_1".getBytes(StandardCharsets.UTF_8);
  private static final byte[] HERE = "whk_1".getBytes(StandardCharsets.UTF_8);
  private static final byte[] THERE = "whk_2".getBytes(StandardCharsets.UTF_8);
  private final SecureRandom random = new SecureRandom();
  private final SealingKey key = SealingKey.of(new byte[32], random);

  @Test
  void opensWhatItSealedAndNeverSealsTheSameTwice() throws GeneralSecurityException {
    byte[] once = key.seal(PLAIN, HERE);
    byte[] again = key.seal(PLAIN, HERE);

    assertThat(once).isNotEqualTo(again);
    assertThat(key.open(once, HERE)).isEqualTo(PLAIN);
  }

  @Test
  void opensNothingOfAnotherPlaceAnotherKeyOrChanged() {
    byte[] sealed = key.seal(PLAIN, HERE);
    byte[] changed = sealed.clone();
    changed[changed.length - 1] ^= 1;
    byte[] other = new byte[32];
    other[0] = 1;

    assertThatThrownBy(() -> key.open(sealed, THERE)).isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(() -> key.open(changed, HERE)).isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(() -> SealingKey.of(other, random).open(sealed, HERE))
        .isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(() -> key.open(new byte[3], HERE))
        .isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void refusesAConfiguredKeyThatIsNotThirtyTwoBytesWithoutQuotingIt() {
    String shorter = Base64.getEncoder().encodeToString(new byte[31]);

    assertThatThrownBy(() -> SealingKey.of(Secret.of(shorter), "naap.x", random))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("naap.x must be 32 random bytes in base 64");
    assertThatThrownBy(() -> SealingKey.of(Secret.of("not base 64!"), "naap.x", random))
        .hasNoCause()
        .hasMessageNotContaining("not base");
  }
}
