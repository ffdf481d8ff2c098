<?php
// Receives webhooks, and believes only what startlink signed. To try it: php -S 127.0.0.1:__PORT__ webhook.php
const SECRET = '__WEBHOOK_SECRET__';

function is_genuine(string $id, string $timestamp, string $signatures, string $body): bool
{
    if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > 300) {
        return false;
    }
    $key = base64_decode(substr(SECRET, strlen('whsec_')));
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    // Several signatures stand beside each other while the secret is being replaced.
    foreach (explode(' ', $signatures) as $signature) {
        if (hash_equals($expected, $signature)) {
            return true;
        }
    }
    return false;
}

$id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
$timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
$signatures = $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '';
$body = file_get_contents('php://input');
if (!is_genuine($id, $timestamp, $signatures, $body)) {
    http_response_code(400);
    exit('not from startlink');
}
// The same event may come twice: keep the ids you have seen.
error_log("$id " . json_decode($body, true)['type']);
http_response_code(204);
