#!/usr/bin/env bash
# Sends a message to an account: to every chat it is connected to.
set -euo pipefail
startlink="__ADDRESS__"
key="__KEY__"

curl -sS --fail-with-body "$startlink/api/v1/messages" \
    -H "Authorization: Bearer $key" -H "Content-Type: application/json" \
    -d '{"to": {"username": "__USERNAME__"}, "text": "__TEXT__"}'
