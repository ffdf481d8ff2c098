"""Sends a message to an account: to every chat it is connected to."""
import json
import urllib.request

STARTLINK = "__ADDRESS__"
KEY = "__KEY__"


def send(username, text):
    body = json.dumps({"to": {"username": username}, "text": text}).encode()
    request = urllib.request.Request(STARTLINK + "/api/v1/messages", data=body)
    request.add_header("Authorization", "Bearer " + KEY)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


message = send("__USERNAME__", "__TEXT__")
print(f"Message {message['id']} is on its way.")
