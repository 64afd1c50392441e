// The OpenAI client for Node.js: npm start --prefix examples/openai-npm [-- QUESTION...]
// ENDPOINT is the address of the service, http://127.0.0.1:8000 unless it is set.

import OpenAI from "openai";

const questions = ["How many special forces soldiers did Pyongyang send to Vladivostok?", "Who said that?"];
const asked = process.argv.slice(2);

const client = new OpenAI({ baseURL: `${process.env.ENDPOINT ?? "http://127.0.0.1:8000"}/v1`, apiKey: "none" });
const messages = [];
for (const question of asked.length ? asked : questions) {
  messages.push({ role: "user", content: question });
  console.log(`> ${question}\n`);
  const stream = client.chat.completions.stream({ model: "pullquote", messages });
  stream.on("content", (delta) => process.stdout.write(delta));
  const { content, annotations } = await stream.finalMessage();
  messages.push({ role: "assistant", content });

  console.log("\n\nCited:");
  const characters = Array.from(content); // places count code points
  for (const { url_citation: citation } of annotations ?? []) {
    console.log(characters.slice(citation.start_index, citation.end_index).join(""), citation.title, citation.url);
  }
  console.log();
}
