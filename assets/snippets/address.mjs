// Leads a user who is signed in from your page to startlink and back, without a call to the API.
import { createHmac, timingSafeEqual } from "node:crypto";

const startlink = "__ADDRESS__";
const secret = "__CONNECT_SECRET__";

const sign = (...lines) => createHmac("sha256", secret).update(lines.join("\n")).digest("hex");

/** Where the button on your page leads. Make it on the server, for the user who is signed in. */
function connectUrl(username, returnUrl) {
  const expires = String(Math.floor(Date.now() / 1000) + 3600);
  const signature = sign("connect", username, expires, returnUrl);
  return `${startlink}/connect?${new URLSearchParams({ username, expires, return_url: returnUrl, signature })}`;
}

/** Whether startlink says, in the address they came back to, that this user was connected just now. */
function isConnected(username, query) {
  const at = query.get("startlink_at") ?? "";
  if (!(Date.now() / 1000 - Number(at) < 900)) return false;
  const given = Buffer.from(query.get("startlink_signature") ?? "");
  const expected = Buffer.from(sign("connected", username, at));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

if (process.argv[2]) {
  console.log(isConnected("__USERNAME__", new URLSearchParams(process.argv[2])) ? "connected" : "not proven");
} else {
  console.log(connectUrl("__USERNAME__", "__RETURN_URL__"));
}
