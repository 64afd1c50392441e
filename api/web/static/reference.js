// Sends what stands in the forms of the API page, and shows what comes back.

const key = document.getElementById("key");

for (const form of document.querySelectorAll("form.try")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { method, path } = form.dataset;
    const { value } = form.elements.sent;
    const shown = form.querySelector("output");
    const headers = key.value ? { authorization: `Bearer ${key.value}` } : {};
    const request = method === "GET" ? {} : { body: value, headers: { "content-type": "application/json" } };
    const address = method === "GET" && value ? `${path}?${value}` : path;
    form.setAttribute("aria-busy", "true");
    shown.textContent = await fetch(address, { method, ...request, headers: { ...headers, ...request.headers } }).then(
      async (response) => `${response.status} ${response.statusText}\n${indented(await response.text())}`,
      () => "The service can’t be reached.",
    );
    form.removeAttribute("aria-busy");
  });
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
