package io.naap.deploy.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * What a gateway says at its {@code -cliAddr} of the orchestrators it knows: here one, with one
 * model for each pipeline.
 */
final class NetworkCapabilities {
  private static final String[][] MODELS = {
    {"27", "Text to image", "stabilityai/sdxl-turbo"},
    {"28", "Image to image", "stabilityai/sdxl-turbo"},
    {"29", "Image to video", "stabilityai/stable-video-diffusion-img2vid-xt"},
    {"30", "Upscale", "stabilityai/stable-diffusion-x4-upscaler"},
    {"31", "Audio to text", "openai/whisper-large-v3"},
    {"32", "Segment anything 2", "facebook/sam2-hiera-large"},
    {"33", "Llm", "meta-llama/llama-3.1-8B-Instruct"},
    {"34", "Image to text", "Salesforce/blip-image-captioning-large"},
    {"35", "Live video to video", "streamdiffusion"},
    {"36", "Text to speech", "parler-tts/parler-tts-large-v1"},
    {"37", "byoc", "echo"}
  };

  private NetworkCapabilities() {}

  static JsonObject of(String orchestrator) {
    JsonObject names = new JsonObject();
    JsonArray prices = new JsonArray();
    for (String[] model : MODELS) {
      names.put(model[0], model[1]);
      prices.add(
          new JsonObject()
              .put("pricePerUnit", 50)
              .put("pixelsPerUnit", 1)
              .put("capability", Integer.parseInt(model[0]))
              .put("constraint", model[2]));
    }
    return new JsonObject()
        .put("capabilities_names", names)
        .put(
            "orchestrators",
            new JsonArray()
                .add(
                    new JsonObject()
                        .put("orch_uri", orchestrator)
                        .put("capabilities_prices", prices)));
  }
}
