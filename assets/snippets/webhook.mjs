// Receives webhooks, and believes only what startlink signed.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const secret = "__WEBHOOK_SECRET__";

function isGenuine(id, timestamp, signatures, body) {
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300)) return false;
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const digest = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  const expected = Buffer.from(`v1,${digest}`);
  // Several signatures stand beside each other while the secret is being replaced.
  return signatures.split(" ").map((signature) => Buffer.from(signature))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts);
  const header = (name) => request.headers[`webhook-${name}`] ?? "";
  if (!isGenuine(header("id"), header("timestamp"), header("signature"), body)) {
    response.writeHead(400).end("not from startlink");
    return;
  }
  // The same event may come twice: keep the ids you have seen.
  console.log(header("id"), JSON.parse(body).type);
  response.writeHead(204).end();
}).listen(__PORT__, "127.0.0.1");
