// Sends what stands in the forms of the API page and shows what comes back, or copies it as a command for curl.

const key = document.getElementById("key");

for (const form of document.querySelectorAll("form.try")) {
  const [, copy] = form.querySelectorAll("button");
  const shown = form.querySelector("output");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { address, method, body } = asked(form);
    const headers = { ...(key.value && { authorization: `Bearer ${key.value}` }), ...(body && { "content-type": "application/json" }) };
    const begun = performance.now();
    form.setAttribute("aria-busy", "true");
    shown.textContent = await fetch(address, { method, headers, ...(body && { body }) }).then(
      async (response) => {
        const text = indented(await response.text());
        const took = Math.round(performance.now() - begun);
        return `${response.status} ${response.statusText} · ${response.headers.get("content-type") ?? ""} · ${took} ms\n${text}`;
      },
      () => "The service can’t be reached.",
    );
    form.removeAttribute("aria-busy");
  });
  copy.addEventListener("click", async () => {
    const { address, method, body } = asked(form);
    const parts = [
      method === (body ? "POST" : "GET") ? "curl" : `curl -X ${method}`,
      quoted(new URL(address, location).href),
      ...(key.value ? ['-H "authorization: Bearer $KEY"'] : []),
      ...(body ? ["-H 'content-type: application/json'", `\\\n     -d ${quoted(body)}`] : []),
    ];
    await navigator.clipboard.writeText(parts.join(" ")).then(
      () => (shown.textContent = `Copied:\n${parts.join(" ")}`),
      () => (shown.textContent = parts.join(" ")),
    );
  });
}

function asked(form) {
  const { method } = form.dataset;
  let { path } = form.dataset;
  const query = new URLSearchParams();
  for (const field of form.querySelectorAll("[data-in]")) {
    const values = (field.localName === "textarea" ? field.value.split("\n") : [field.value]).filter((each) => each.trim());
    if (field.dataset.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
    else for (const value of values) query.append(field.name, value.trim());
  }
  return { method, address: query.size ? `${path}?${query}` : path, body: form.elements.body?.value };
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
