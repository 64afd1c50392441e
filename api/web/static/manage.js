// Sends files one after the other, and shows how far each of them and the builds are.

const EVERY_MS = 700;

const form = document.querySelector("[data-upload]");
const waiting = [];
let busy = false;

const adding = document.getElementById("add");
const unfold = () => {
  if (adding && location.hash === "#add") adding.open = true;
};
unfold();
addEventListener("hashchange", unfold);

if (form) {
  const field = form.querySelector("input[type=file]");
  const list = form.querySelector(".uploads");
  field.multiple = true;
  field.addEventListener("change", () => take(field.files));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(field.files);
  });
  // Files may be dropped anywhere: a browser would leave the page and open the one that missed its place.
  for (const name of ["dragenter", "dragover"]) {
    addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      adding.open = true;
      form.classList.add("over");
    });
  }
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.classList.remove("over");
  });
  addEventListener("beforeunload", (event) => {
    if (busy) event.preventDefault(); // what is not sent yet would be lost
  });
  addEventListener("drop", (event) => {
    form.classList.remove("over");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    adding.open = true;
    take(event.dataTransfer.files);
    list.scrollIntoView({ block: "nearest" });
  });

  function take(files) {
    for (const file of files) {
      const item = document.createElement("li");
      const name = Object.assign(document.createElement("span"), { className: "name", textContent: file.name, dir: "auto" });
      const state = Object.assign(document.createElement("span"), { className: "state", textContent: list.dataset.waiting });
      item.append(name, state);
      list.append(item);
      waiting.push({ file, item, state });
    }
    field.value = "";
    sendAll();
  }

  async function sendAll() {
    if (busy) return;
    busy = true;
    for (let next = waiting.shift(); next; next = waiting.shift()) await send(next);
    busy = false;
  }

  function send({ file, item, state }) {
    const body = new FormData();
    body.append("file", file);
    if (form.querySelector("[name=replace]").checked) body.append("replace", "true");
    const asked = new XMLHttpRequest();
    asked.open("POST", form.action);
    asked.setRequestHeader("accept", "application/json");
    asked.responseType = "json";
    asked.upload.addEventListener("progress", (event) => {
      const whole = event.lengthComputable && event.loaded === event.total;
      const share = event.lengthComputable ? ` ${Math.floor((event.loaded / event.total) * 100)}%` : "";
      state.textContent = whole ? list.dataset.reading : list.dataset.sending + share;
    });
    return new Promise((resolve) => {
      asked.addEventListener("loadend", () => {
        const answer = asked.response;
        if (asked.status === 202) kept(answer, item, state);
        else fail(item, state, answer?.detail ?? list.dataset.offline);
        resolve();
      });
      asked.send(body);
    });
  }

  function kept(answer, item, state) {
    state.textContent = list.dataset.kept;
    const notes = answer.failures.map((each) => each.reason);
    if (answer.same_as?.length) notes.push(`${list.dataset.same} ${answer.same_as.join(", ")}`);
    for (const note of notes) why(item, note);
    follow(answer.job.link, (job) => {
      if (job.state === "succeeded") {
        item.className = "done";
        state.textContent = list.dataset.done;
        if (answer.articles.length === 1) state.replaceChildren(linked(state.textContent, answer.articles[0]));
      } else if (job.state === "failed" || job.state === "cancelled") {
        fail(item, state, job.error);
      }
    });
  }

  function linked(textContent, id) {
    return Object.assign(document.createElement("a"), { href: `${form.action}/${encodeURIComponent(id)}`, textContent });
  }

  function fail(item, state, reason) {
    item.className = "failed";
    state.textContent = list.dataset.failed;
    why(item, reason);
  }

  function why(item, text) {
    item.append(Object.assign(document.createElement("span"), { className: "why", textContent: text }));
  }
}

// Looks at a build again and again until it has ended.
async function follow(link, show) {
  for (;;) {
    const response = await fetch(link).catch(() => null);
    if (response && !response.ok && response.status < 500) return;
    const job = response?.ok ? await response.json() : null;
    if (job) show(job);
    if (job && !["queued", "running", "cancelling"].includes(job.state)) return;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

for (const box of document.querySelectorAll(".job[data-state=queued], .job[data-state=running], .job[data-state=cancelling]")) {
  const bar = box.querySelector("progress");
  follow(box.dataset.job, (job) => {
    const { stage, done, total } = job.progress;
    box.querySelector(".stage").textContent = stage ?? "";
    if (total) Object.assign(bar, { max: total, value: done });
    if (job.state === "queued" || job.state === "running" || job.state === "cancelling") return;
    location.reload();
  });
}
