"""Receives webhooks, and believes only what startlink signed."""
import base64
import hashlib
import hmac
import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

SECRET = "__WEBHOOK_SECRET__"


def is_genuine(identifier, timestamp, signatures, body):
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > 300:
        return False
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{identifier}.{timestamp}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    # Several signatures stand beside each other while the secret is being replaced.
    return any(hmac.compare_digest(expected, signature.encode()) for signature in signatures.split(" "))


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        told = [self.headers.get("webhook-" + name, "") for name in ("id", "timestamp", "signature")]
        if not is_genuine(*told, body):
            self.send_error(400, "not from startlink")
            return
        # The same event may come twice: keep the ids you have seen.
        print(told[0], json.loads(body)["type"])
        self.send_response(204)
        self.end_headers()


HTTPServer(("127.0.0.1", __PORT__), Receiver).serve_forever()
