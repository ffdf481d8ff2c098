#!/usr/bin/env bash
# Checks by hand whether a webhook is genuine:
#   bash webhook.sh "$webhook_id" "$webhook_timestamp" "$webhook_signature" < body
set -euo pipefail
secret="__WEBHOOK_SECRET__"
id=$1 timestamp=$2 signatures=$3

age=$(($(date +%s) - timestamp))
if [ "${age#-}" -gt 300 ]; then echo "The timestamp is more than five minutes off." >&2; exit 1; fi

key=$(base64 -d <<<"${secret#whsec_}" | od -An -v -tx1 | tr -d ' \n')
expected=$({ printf '%s.%s.' "$id" "$timestamp"; cat; } |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)
# Several signatures stand beside each other while the secret is being replaced.
for signature in $signatures; do
    if [ "$signature" = "v1,$expected" ]; then echo "genuine"; exit 0; fi
done
echo "No signature fits." >&2
exit 1
