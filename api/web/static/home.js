// Keeps the state of the index up to date, shows that a question is under way, and what could be asked next.

const EVERY_MS = 15_000;

const address = document.currentScript.dataset.index;
const state = document.getElementById("state");
const renewed = document.getElementById("renewed");

async function look() {
  if (document.hidden) return;
  const response = await fetch(address).catch(() => null);
  if (!response?.ok) return;
  if (!state) return location.reload();
  const index = await response.json();
  if (index.version === state.dataset.version) return;
  state.dataset.version = index.version;
  for (const place of state.querySelectorAll("[data-state]")) {
    const { state: name, one, many } = place.dataset;
    const value = index[name];
    const counted = value === 1 ? one : many?.replace("#", value);
    place.textContent = counted ?? (name === "created" ? when(value) : value);
    if (name === "created") place.dateTime = value;
  }
  renewed.textContent = renewed.dataset.words;
}

function when(moment) {
  const format = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC" };
  const { lang } = document.documentElement;
  const told = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, format).format(new Date(moment));
  return `${told.replace(" at", ",")} UTC`;
}

if (state || document.getElementById("not-ready")) setInterval(look, EVERY_MS);

for (const form of document.querySelectorAll("form.ask")) {
  form.addEventListener("submit", () => form.setAttribute("aria-busy", "true"));
}
addEventListener("pageshow", () => document.querySelector("form.ask")?.removeAttribute("aria-busy"));

addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input, textarea, select, pullquote-chat");
  const isSlash = event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
  const isSearch = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
  const field = document.getElementById("q") ?? document.querySelector("pullquote-chat");
  if (!field || !(isSlash || isSearch)) return;
  event.preventDefault();
  field.focus();
  field.select?.();
});

async function suggest(next) {
  const asked = new URLSearchParams(location.search);
  const response = await fetch(`${next.dataset.questions}?${asked}`).catch(() => null);
  if (!response?.ok) return;
  asked.append("after", asked.get("q"));
  for (const question of await response.json()) {
    asked.set("q", question);
    const link = Object.assign(document.createElement("a"), { href: `${location.pathname}?${asked}`, textContent: question, dir: "auto" });
    const item = document.createElement("li");
    item.append(link);
    next.querySelector("ul").append(item);
    next.hidden = false;
  }
}

const next = document.getElementById("next");
if (next) suggest(next);

for (const form of document.querySelectorAll("form.thumbs")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
    const words = answer?.type === "opaqueredirect" ? form.dataset.thanks : form.dataset.failed;
    const told = Object.assign(document.createElement("p"), { className: "hint", textContent: words });
    told.setAttribute("role", "status");
    form.replaceWith(told);
  });
}

for (const field of document.querySelectorAll("[data-suggest]")) {
  let waiting = 0;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => offer(field, field.value), 150);
  });
}

// Fills the list that the browser shows below the field, unless more was typed meanwhile.
async function offer(field, typed) {
  const response = await fetch(`${field.dataset.suggest}?${new URLSearchParams({ q: typed })}`).catch(() => null);
  const found = response?.ok ? await response.json() : [];
  if (field.value !== typed) return;
  field.list.replaceChildren(...found.map((value) => Object.assign(document.createElement("option"), { value })));
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const words = button.textContent;
  const { copied, uncopied } = button.closest("[data-copied]").dataset;
  button.addEventListener("click", async () => {
    const isCopied = await (navigator.clipboard?.writeText(button.dataset.copy) ?? Promise.reject()).then(
      () => true,
      () => false,
    );
    button.textContent = isCopied ? copied : uncopied;
    setTimeout(() => (button.textContent = words), 2500);
  });
}
