<?php
// Connects one account: makes a link, shows it and its QR code, waits until it was used.
const STARTLINK = '__ADDRESS__';
const KEY = '__KEY__';

function ask(string $method, string $path, ?array $body = null): array
{
    $http = [
        'method' => $method,
        'header' => ['Authorization: Bearer ' . KEY, 'Content-Type: application/json'],
        'content' => $body === null ? '' : json_encode($body),
        'timeout' => 60,
    ];
    $answer = file_get_contents(STARTLINK . '/api/v1' . $path, false, stream_context_create(['http' => $http]));
    if ($answer === false) {
        throw new RuntimeException("$method $path was refused");
    }
    return json_decode($answer, true);
}

$link = ask('POST', '/links', ['username' => '__USERNAME__']);
echo "Show this page: {$link['page_url']}\n";
echo "Or this link:   {$link['url']}\n";
file_put_contents('connect.svg', $link['qr_svg']);

while (in_array($link['state'], ['open', 'held'])) {
    $link = ask('GET', "/links/{$link['id']}?wait=25");
}
echo "The link is {$link['state']}.\n";
