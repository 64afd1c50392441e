// Bundles the widget. `node build.mjs FILE` writes to FILE instead of the file that is served.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const minifiedStyles = {
  name: "minified styles as text",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

const unindentedTemplates = {
  name: "templates without indentation",
  setup({ onLoad }) {
    onLoad({ filter: /widget\/src\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return { contents: source.replace(/\n\s+/g, "\n"), loader: "ts" };
    });
  },
};

await build({
  entryPoints: ["src/main.ts"],
  outfile: process.argv[2] ?? "../api/web/static/widget.js",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "eof",
  plugins: [minifiedStyles, unindentedTemplates],
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
});
