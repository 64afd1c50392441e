// The openai package of npm against a service: node use_openai.mjs ADDRESS QUESTION FOLLOW_UP UNANSWERED

import OpenAI from "openai";

const [address, question, followUp, unanswered] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: "none", maxRetries: 0 });
const user = (content) => ({ role: "user", content });
const ask = async (...messages) => (await client.chat.completions.create({ model: "pullquote", messages })).choices[0].message;
// Places count code points, as in Python; JavaScript counts UTF-16 units.
const slice = (text, start, end) => Array.from(text).slice(start, end).join("");
const citations = (text, places) => places.map((each) => [each.title, each.url, slice(text, each.start_index, each.end_index)]);
const cited = (message) => citations(message.content, message.annotations.map((each) => each.url_citation));
const citedBy = (response) =>
  citations(response.output_text, response.output.flatMap((item) => item.content ?? []).flatMap((part) => part.annotations));

const first = await ask(user(question));
const stream = client.chat.completions.stream({ model: "pullquote", messages: [user(question)] });
const final = (await stream.finalChatCompletion()).choices[0].message;
const response = await client.responses.create({ model: "pullquote", input: question });
const events = client.responses.stream({ model: "pullquote", input: question });
const last = await events.finalResponse();
const history = [user(question), { role: "assistant", content: first.content }, user(followUp)];
const silent = await ask(user(unanswered));
const error = await ask(user("Why? ".repeat(500))).then(() => "", (failure) => failure.message);

console.log(
  JSON.stringify({
    answer: first.content,
    streamed: final.content,
    citations: cited(first),
    streamed_citations: cited(final),
    response: response.output_text,
    response_citations: citedBy(response),
    response_streamed_citations: citedBy(last),
    follow_up: (await ask(...history)).content,
    no_answer: silent.content,
    no_answer_citations: cited(silent),
    error,
  }),
);
