#!/usr/bin/env bash
# Leads a user who is signed in from your page to startlink and back, without a call to the API.
# With the query they came back with as its argument, it checks that query.
set -euo pipefail
startlink="__ADDRESS__"
secret="__CONNECT_SECRET__"
username="__USERNAME__"
return_url="__RETURN_URL__"

# HMAC-SHA256 over the lines, with a line feed between them and none behind the last.
sign() { local IFS=$'\n'; printf '%s' "$*" | openssl dgst -sha256 -hmac "$secret" -r | cut -d ' ' -f 1; }
encode() { printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g'; }
part() { sed -nE "s/^(.*[?&])?$1=([0-9a-f]*).*/\2/p" <<<"$2"; }

if [ $# -eq 0 ]; then
    expires=$(($(date +%s) + 3600))
    signature=$(sign connect "$username" "$expires" "$return_url")
    query="username=$(encode "$username")&expires=$expires&return_url=$(encode "$return_url")"
    echo "$startlink/connect?$query&signature=$signature"
    exit
fi
at=$(part startlink_at "$1")
expected=$(sign connected "$username" "$at")
if [ "$(part startlink_signature "$1")" = "$expected" ] && [ $(($(date +%s) - at)) -lt 900 ]; then
    echo "connected"
else
    echo "not proven"
fi
