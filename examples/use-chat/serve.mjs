// Bundles chat.jsx and serves it with index.html. PORT is the page's port; ENDPOINT is the address of the service.

import { context } from "esbuild";

const port = Number(process.env.PORT ?? 8080);
const bundle = await context({
  entryPoints: ["chat.jsx"],
  outdir: ".",
  bundle: true,
  jsx: "automatic",
  define: { ENDPOINT: JSON.stringify(process.env.ENDPOINT ?? "http://127.0.0.1:8000") },
});
await bundle.serve({ host: "127.0.0.1", port, servedir: "." });
console.log(`Open http://127.0.0.1:${port}`);
