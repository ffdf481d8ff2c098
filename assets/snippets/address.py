"""Leads a user who is signed in from your page to startlink and back, without a call to the API."""
import hashlib
import hmac
import sys
import time
from urllib.parse import parse_qsl, urlencode

STARTLINK = "__ADDRESS__"
SECRET = "__CONNECT_SECRET__"


def sign(*lines):
    return hmac.new(SECRET.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def connect_url(username, return_url):
    """Where the button on your page leads. Make it on the server, for the user who is signed in."""
    expires = str(int(time.time()) + 3600)
    signature = sign("connect", username, expires, return_url)
    fields = {"username": username, "expires": expires, "return_url": return_url, "signature": signature}
    return STARTLINK + "/connect?" + urlencode(fields)


def is_connected(username, query):
    """Whether startlink says, in the address they came back to, that this user was connected just now."""
    at = query.get("startlink_at", "")
    if not at.isdecimal() or time.time() - int(at) > 900:
        return False
    return hmac.compare_digest(sign("connected", username, at).encode(), query.get("startlink_signature", "").encode())


if len(sys.argv) > 1:
    print("connected" if is_connected("__USERNAME__", dict(parse_qsl(sys.argv[1]))) else "not proven")
else:
    print(connect_url("__USERNAME__", "__RETURN_URL__"))
