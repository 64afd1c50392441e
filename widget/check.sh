#!/usr/bin/env bash
# The widget that is served is the one that its source builds, and its types hold. Installs Node.js where it can.
set -euo pipefail
cd "$(dirname "$0")"
if ! command -v npm >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq && apt-get install -qq --no-install-recommends nodejs npm >/dev/null
fi
if ! command -v npm >/dev/null; then
  echo "FAILED: the widget can't be checked, because there is no npm: install Node.js 20 or newer" >&2
  exit 1
fi
npm ci --ignore-scripts --no-fund --no-audit --loglevel=error
npm run --silent check
built=$(mktemp -d)
trap 'rm -r "$built"' EXIT
node build.mjs "$built/widget.js"
if ! cmp -s "$built/widget.js" ../api/web/static/widget.js; then
  echo "FAILED: api/web/static/widget.js is not what widget/src builds: run 'make widget' and commit it" >&2
  exit 1
fi
