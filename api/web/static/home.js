// Keeps the state of the index up to date, and shows that a question is under way.

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
    const { state: name, noun } = place.dataset;
    const value = index[name];
    place.textContent = noun ? `${value} ${noun}${value === 1 ? "" : "s"}` : name === "created" ? when(value) : value;
    if (name === "created") place.dateTime = value;
  }
  renewed.textContent = "The index has just been renewed. Ask again for answers from it.";
}

function when(moment) {
  const format = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC" };
  return `${new Intl.DateTimeFormat("en-GB", format).format(new Date(moment)).replace(" at", ",")} UTC`;
}

if (state || document.getElementById("not-ready")) setInterval(look, EVERY_MS);

for (const form of document.querySelectorAll("form.ask")) {
  form.addEventListener("submit", () => form.setAttribute("aria-busy", "true"));
}
addEventListener("pageshow", () => document.querySelector("form.ask")?.removeAttribute("aria-busy"));
