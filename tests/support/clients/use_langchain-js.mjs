// LangChain for JavaScript against a service: node use_langchain-js.mjs ADDRESS QUESTION FOLLOW_UP UNANSWERED

import { ChatOpenAI } from "@langchain/openai";

const [address, question, followUp, unanswered] = process.argv.slice(2);
const options = { model: "pullquote", apiKey: "none", maxRetries: 0, configuration: { baseURL: `${address}/v1` } };
const completions = new ChatOpenAI(options);
const responses = new ChatOpenAI({ ...options, useResponsesApi: true });
const citations = (message) =>
  message.content
    .flatMap((block) => (block.annotations ?? []).map((each) => [each.title, each.url, block.text.slice(each.startIndex ?? each.start_index, each.endIndex ?? each.end_index)]));

const first = await completions.invoke(question);
let streamed = "";
for await (const chunk of await completions.stream(question)) streamed += chunk.content;
const history = [["user", question], ["ai", first.content], ["user", followUp]];
const error = await completions.invoke("Why? ".repeat(500)).then(() => "", (failure) => failure.message);

console.log(
  JSON.stringify({
    answer: first.content,
    streamed,
    citations: citations(await responses.invoke(question)),
    follow_up: (await completions.invoke(history)).content,
    no_answer: (await completions.invoke(unanswered)).content,
    no_answer_citations: citations(await responses.invoke(unanswered)),
    error,
  }),
);
