// What a customer's program does: OpenAI's own client, with nothing changed but its address and its key.
// Arguments: base URL, folder with a.wav and a.png. The key is in OPENAI_API_KEY. Prints what came of each call as JSON.
import fs from "node:fs";
import OpenAI, { toFile } from "openai";

const [baseURL, folder] = process.argv.slice(2);
const client = new OpenAI({ baseURL, maxRetries: 0 });
const seen = {};
const messages = [{ role: "user", content: "count" }];
const model = "meta-llama/llama-3.1-8B-Instruct";

seen.models = [];
for await (const one of await client.models.list()) {
  seen.models.push({ id: one.id, pricing: one.pricing, health: one.health });
}

const whole = await client.chat.completions.create({ model, messages, max_tokens: 8 });
seen.chat = {
  object: whole.object,
  text: whole.choices[0].message.content,
  reason: whole.choices[0].finish_reason,
  tokens: whole.usage.completion_tokens,
};

const stream = await client.chat.completions.create({ model, messages, max_tokens: 8, stream: true });
seen.stream = { chunks: 0, text: "", usage: 0, reason: null };
for await (const chunk of stream) {
  seen.stream.chunks++;
  seen.stream.text += chunk.choices[0]?.delta?.content ?? "";
  seen.stream.reason = chunk.choices[0]?.finish_reason ?? seen.stream.reason;
  seen.stream.usage += chunk.usage ? 1 : 0;
}

const counted = await client.chat.completions.create({
  model,
  messages,
  max_tokens: 8,
  stream: true,
  stream_options: { include_usage: true },
});
seen.counted = { usage: [] };
for await (const chunk of counted) {
  if (chunk.usage) {
    seen.counted.usage.push({ tokens: chunk.usage.completion_tokens, choices: chunk.choices.length });
  }
}

const helper = client.chat.completions.stream({ model, messages, max_tokens: 8 });
seen.helper = { text: (await helper.finalChatCompletion()).choices[0].message.content };

const left = await client.chat.completions.create({ model, messages, max_tokens: 24, stream: true });
for await (const chunk of left) {
  seen.left = { id: chunk.id };
  left.controller.abort();
  break;
}

const images = await client.images.generate({ prompt: "a fox", size: "64x64", n: 2 });
const fetched = await fetch(images.data[0].url);
seen.images = {
  count: images.data.length,
  type: fetched.headers.get("content-type"),
  bytes: (await fetched.arrayBuffer()).byteLength,
};

const edited = await client.images.edit({
  image: await toFile(fs.createReadStream(`${folder}/a.png`), "a.png", { type: "image/png" }),
  prompt: "a hat",
});
seen.edit = { url: edited.data[0].url };

const varied = await client.images.createVariation({
  image: await toFile(fs.createReadStream(`${folder}/a.png`), "a.png", { type: "image/png" }),
});
seen.variation = { url: varied.data[0].url };

const heard = await client.audio.transcriptions.create({
  file: fs.createReadStream(`${folder}/a.wav`),
  model: "openai/whisper-large-v3",
});
seen.transcription = { text: heard.text };

const spoken = await client.audio.speech.create({
  model: "parler-tts/parler-tts-large-v1",
  voice: "alloy",
  input: "hello there",
});
const sound = Buffer.from(await spoken.arrayBuffer());
seen.speech = { type: spoken.headers.get("content-type"), begins: sound.subarray(0, 4).toString("latin1") };

async function refusal(call) {
  try {
    await call();
    return { name: "none" };
  } catch (error) {
    return {
      name: error.constructor.name,
      status: error.status,
      code: error.code,
      type: error.type,
      message: error.message,
      request: error.requestID,
    };
  }
}

seen.errors = {
  model: await refusal(() => client.chat.completions.create({ model: "llama-3.1", messages })),
  invalid: await refusal(() => client.images.generate({ prompt: "a", size: "big" })),
  key: await refusal(() => new OpenAI({ baseURL, apiKey: "sk-nothing", maxRetries: 0 }).models.list()),
};

console.log(JSON.stringify(seen));
