#!/usr/bin/env bash
# From a photo to a downloaded background with curl and jq: curl.sh photo.jpg "on an oak table"
# BACKDROP_URL: the gateway; BACKDROP_KEY: an API key with the scopes submit, read and review.
set -euo pipefail
photo=$1 words=$2 out=${3:-background.png}

once() { date "+%s%N-$RANDOM"; } # an Idempotency-Key: with the same one, sending again makes no second thing

ask() { # ask METHOD PATH [curl's arguments …]: waits and tries again when the gateway says 429 or 503
  local method=$1 path=$2 said
  shift 2
  said=$(curl --silent --show-error --fail-with-body --retry 5 --retry-max-time 120 --max-time 60 \
    --request "$method" --header "Authorization: Bearer $BACKDROP_KEY" "$BACKDROP_URL$path" "$@") ||
    { echo "$said" >&2; return 1; } # a problem: its reason, its field, and words
  echo "$said"
}

until_it_is() { # until_it_is FILTER PATH: looks every second, for ten minutes
  for _ in $(seq 600); do
    answer=$(ask GET "$2")
    if jq --exit-status "$1" <<<"$answer" >/dev/null; then return; fi
    sleep 1
  done
  echo "nothing after ten minutes: $2" >&2
  return 1
}

# submit
product=$(ask POST /v1/products --header "Idempotency-Key: $(once)" \
  --form "file=@$photo" --form "title=From curl" | jq --raw-output .product_id)
until_it_is '.stage == "captioned" or .stage == "refused"' "/v1/products/$product"
jq --exit-status '.refusal == null' <<<"$answer" >/dev/null || { jq .refusal <<<"$answer" >&2; exit 1; }

# ask for two options in one's own words
request=$(jq --null-input --arg prompt "$words" '{prompt: $prompt, count: 2}' |
  ask POST "/v1/products/$product/backgrounds" --header "Idempotency-Key: $(once)" --json @- |
  jq --raw-output .request_id)
one="/v1/products/$product/backgrounds/$request"
until_it_is '.status != "requested"' "$one"
jq --exit-status '.rejection == null' <<<"$answer" >/dev/null || { jq .rejection <<<"$answer" >&2; exit 1; }

# download the best, pick it, and vote: nothing is wrong with it
best=$(jq --raw-output '.options[0].picture.sha256' <<<"$answer")
ask GET "$one/pictures/$best?format=png" --output "$out"
ask POST "$one/engagement" --json "{\"actions\": [{\"image\": \"$best\", \"action\": \"pick\"}]}" >/dev/null
ask POST "$one/review" --header "Idempotency-Key: $(once)" --json "{\"image\": \"$best\"}" >/dev/null
echo "$out"
