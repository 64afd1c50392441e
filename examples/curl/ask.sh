#!/bin/sh
# curl: sh examples/curl/ask.sh
# ENDPOINT is the address of the service, http://127.0.0.1:8000 unless it is set.
set -eu

ask() {
  curl --silent --show-error --fail-with-body "${ENDPOINT:-http://127.0.0.1:8000}/v1/ask" \
    --header "content-type: application/json" --data "$1" | python3 -m json.tool --no-ensure-ascii
}

ask '{"question": "How many special forces soldiers did Pyongyang send to Vladivostok?", "limit": 1}'

ask '{
  "question": "Who said that?",
  "limit": 1,
  "history": [
    {"role": "user", "content": "How many special forces soldiers did Pyongyang send to Vladivostok?"},
    {"role": "assistant", "content": "1,500"}
  ]
}'
