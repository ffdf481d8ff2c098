<?php
// Sends a message to an account: to every chat it is connected to.
const STARTLINK = '__ADDRESS__';
const KEY = '__KEY__';

function send(string $username, string $text): array
{
    $http = [
        'method' => 'POST',
        'header' => ['Authorization: Bearer ' . KEY, 'Content-Type: application/json'],
        'content' => json_encode(['to' => ['username' => $username], 'text' => $text]),
        'timeout' => 60,
    ];
    $answer = file_get_contents(STARTLINK . '/api/v1/messages', false, stream_context_create(['http' => $http]));
    if ($answer === false) {
        throw new RuntimeException('the message was refused');
    }
    return json_decode($answer, true);
}

$message = send('__USERNAME__', '__TEXT__');
echo "Message {$message['id']} is on its way.\n";
