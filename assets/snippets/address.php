<?php
// Leads a user who is signed in from your page to startlink and back, without a call to the API.
const STARTLINK = '__ADDRESS__';
const SECRET = '__CONNECT_SECRET__';

function sign(string ...$lines): string
{
    return hash_hmac('sha256', implode("\n", $lines), SECRET);
}

/** Where the button on your page leads. Make it on the server, for the user who is signed in. */
function connect_url(string $username, string $return_url): string
{
    $expires = (string) (time() + 3600);
    $signature = sign('connect', $username, $expires, $return_url);
    return STARTLINK . '/connect?' . http_build_query(compact('username', 'expires', 'return_url', 'signature'));
}

/** Whether startlink says, in the address they came back to, that this user was connected just now. */
function is_connected(string $username, array $query): bool
{
    $at = $query['startlink_at'] ?? '';
    return ctype_digit($at) && time() - (int) $at < 900
        && hash_equals(sign('connected', $username, $at), $query['startlink_signature'] ?? '');
}

if (isset($argv[1])) {
    parse_str($argv[1], $query);
    echo is_connected('__USERNAME__', $query) ? "connected\n" : "not proven\n";
} else {
    echo connect_url('__USERNAME__', '__RETURN_URL__'), "\n";
}
