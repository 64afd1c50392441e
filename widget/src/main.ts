import { PullquoteChat } from "./chat.js";

const script = document.currentScript;
if (script instanceof HTMLScriptElement && script.src) {
  PullquoteChat.home = new URL(".", script.src).href;
}
if (!customElements.get("pullquote-chat")) customElements.define("pullquote-chat", PullquoteChat);
