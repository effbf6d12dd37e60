package io.naap.deploy.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import javax.imageio.ImageIO;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;

class MediaTest {
  @Test
  void makesImagesThatOthersCanRead() throws Exception {
    var image = ImageIO.read(new ByteArrayInputStream(Media.png(320, 200, 7)));

    assertThat(image.getWidth()).isEqualTo(320);
    assertThat(image.getHeight()).isEqualTo(200);
  }

  @Test
  void makesSoundOfTheLengthAskedFor() throws Exception {
    try (AudioInputStream sound =
        AudioSystem.getAudioInputStream(new ByteArrayInputStream(Media.wav(1500)))) {
      assertThat(sound.getFrameLength() / sound.getFormat().getFrameRate()).isEqualTo(1.5f);
    }
  }
}
