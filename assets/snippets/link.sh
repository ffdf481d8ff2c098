#!/usr/bin/env bash
# Connects one account: makes a link, shows it, waits until it was used.
set -euo pipefail
startlink="__ADDRESS__"
key="__KEY__"

ask() { curl -sS --fail-with-body -H "Authorization: Bearer $key" -H "Content-Type: application/json" "$@"; }
# One field of a JSON answer. With jq installed, "jq -r .$1" says the same.
field() { sed -nE "s/.*\"$1\": *\"?([^\",}]*).*/\1/p"; }

link=$(ask "$startlink/api/v1/links" -d '{"username": "__USERNAME__"}')
id=$(field id <<<"$link")
echo "Show this page: $(field page_url <<<"$link")"
echo "Or this link:   $(field url <<<"$link")"

state=open
while [ "$state" = open ] || [ "$state" = held ]; do
    state=$(ask "$startlink/api/v1/links/$id?wait=25" | field state)
done
echo "The link is $state."
