// The AI SDK against a service, over its own stream and over both OpenAI dialects:
// node use_ai-sdk.mjs ADDRESS QUESTION FOLLOW_UP UNANSWERED

import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { DefaultChatTransport, generateText, readUIMessageStream, streamText } from "ai";

const [address, question, followUp, unanswered] = process.argv.slice(2);
const transport = new DefaultChatTransport({ api: `${address}/v1/ai-sdk/chat` });
const say = (role, text, id) => ({ id, role, parts: [{ type: "text", text }] });

async function chat(...messages) {
  const stream = await transport.sendMessages({ trigger: "submit-message", chatId: "1", messages, abortSignal: undefined });
  let message;
  for await (const state of readUIMessageStream({ stream })) message = state;
  return message;
}

const textOf = (message) => message.parts.filter((part) => part.type === "text").map((part) => part.text).join("");
const partsOf = (message, type) => message.parts.filter((part) => part.type === type);
const cited = (message) => {
  const text = textOf(message);
  const pages = partsOf(message, "source-url");
  return partsOf(message, "data-citation").map(({ data }, number) => [
    data.title,
    pages[number].url,
    text.slice(data.text_start, data.text_end),
    data.quote,
  ]);
};

const first = await chat(say("user", question, "1"));
const followed = await chat(say("user", question, "1"), first, say("user", followUp, "3"));
const silent = await chat(say("user", unanswered, "1"));
const error = await chat(say("user", "Why? ".repeat(500), "1")).then(() => "", (failure) => failure.message);

const openai = createOpenAI({ baseURL: `${address}/v1`, apiKey: "none" });
const compatible = createOpenAICompatible({ name: "pullquote", baseURL: `${address}/v1` });
const models = { chat: openai.chat("pullquote"), responses: openai.responses("pullquote"), compatible: compatible("pullquote") };
const others = {};
for (const [name, model] of Object.entries(models)) {
  const whole = await generateText({ model, prompt: question });
  const stream = streamText({ model, prompt: question });
  others[name] = {
    answer: whole.text,
    streamed: await stream.text,
    sources: whole.sources.map((source) => source.url ?? source.title),
    streamed_sources: (await stream.sources).map((source) => source.url ?? source.title),
  };
}

console.log(
  JSON.stringify({
    answer: textOf(first),
    citations: cited(first),
    documents: partsOf(first, "source-document").map((part) => [part.title, part.mediaType, part.filename]),
    follow_up: textOf(followed),
    standalone_question: followed.metadata.standalone_question,
    no_answer: textOf(silent),
    no_answer_citations: cited(silent),
    error,
    others,
  }),
);
