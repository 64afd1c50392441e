// useChat of the AI SDK, in React: npm start --prefix examples/use-chat, then open http://127.0.0.1:8080
// The service has to let the page ask: PULLQUOTE_CORS_ORIGINS=http://127.0.0.1:8080 make serve

import { useChat } from "@ai-sdk/react";
import { DefaultChatTransport } from "ai";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import Markdown from "react-markdown";

const transport = new DefaultChatTransport({ api: `${ENDPOINT}/v1/ai-sdk/chat` });

function Chat() {
  const { messages, sendMessage, error } = useChat({ transport });
  const [question, setQuestion] = useState("");
  const ask = (event) => {
    event.preventDefault();
    sendMessage({ text: question });
    setQuestion("");
  };
  return (
    <>
      {messages.map((message) => <Message key={message.id} {...message} />)}
      {error && <p role="alert">{error.message}</p>}
      <form onSubmit={ask}>
        <input aria-label="Question" value={question} onChange={(event) => setQuestion(event.target.value)} required />
        <button>Ask</button>
      </form>
    </>
  );
}

function Message({ role, parts }) {
  const citations = parts.filter((part) => part.type === "data-citation").map((part) => part.data);
  return (
    <section className={role}>
      {parts.map((part, place) => part.type === "text" && <Markdown key={place}>{part.text}</Markdown>)}
      {citations.map((citation) => (
        <details key={citation.number}>
          <summary>[{citation.number}] {citation.title}</summary>
          <blockquote>{citation.quote}</blockquote>
          <a href={citation.link}>Read it in the article</a>
        </details>
      ))}
    </section>
  );
}

createRoot(document.querySelector("main")).render(<Chat />);
