// The Model Context Protocol's SDK for JavaScript against a service: node use_mcp-js.mjs ADDRESS QUESTION FOLLOW_UP UNANSWERED

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [address, question, followUp, unanswered] = process.argv.slice(2);
const client = new Client({ name: "test", version: "1" });
await client.connect(new StreamableHTTPClientTransport(new URL(`${address}/mcp`)));
const ask = (given) => client.callTool({ name: "ask", arguments: given });

const { tools } = await client.listTools();
const first = await ask({ question });
const [text, link] = first.content;
const { contents } = await client.readResource({ uri: link.uri });
const [citation] = first.structuredContent.answers[0].citations;
const history = [{ role: "user", content: question }, { role: "assistant", content: text.text }];
const silent = await ask({ question: unanswered });
const failed = await ask({ question: "Why? ".repeat(500) });

console.log(
  JSON.stringify({
    tools: tools.map((tool) => tool.name),
    answer: text.text,
    citations: [[citation.title, citation.link, "[1]", citation.quote]],
    cited: Array.from(contents[0].text).slice(citation.start, citation.end).join(""),
    follow_up: (await ask({ question: followUp, history })).content[0].text,
    no_answer: silent.content[0].text,
    no_answer_citations: silent.structuredContent.answers,
    error: failed.isError ? failed.content[0].text : "",
  }),
);
await client.close();
