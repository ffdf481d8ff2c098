"""Connects one account: makes a link, shows it and its QR code, waits until it was used."""
import json
import urllib.request

STARTLINK = "__ADDRESS__"
KEY = "__KEY__"


def ask(method, path, body=None):
    request = urllib.request.Request(STARTLINK + "/api/v1" + path, method=method)
    request.add_header("Authorization", "Bearer " + KEY)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


link = ask("POST", "/links", {"username": "__USERNAME__"})
print("Show this page:", link["page_url"])
print("Or this link:  ", link["url"])
with open("connect.svg", "w") as picture:
    picture.write(link["qr_svg"])

while link["state"] in ("open", "held"):
    link = ask("GET", f"/links/{link['id']}?wait=25")
print(f"The link is {link['state']}.")
