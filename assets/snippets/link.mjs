// Connects one account: makes a link, shows it and its QR code, waits until it was used.
import { writeFile } from "node:fs/promises";

const startlink = "__ADDRESS__";
const key = "__KEY__";

async function ask(method, path, body) {
  const answer = await fetch(`${startlink}/api/v1${path}`, {
    method,
    headers: { "Authorization": `Bearer ${key}`, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const value = await answer.json();
  if (!answer.ok) throw new Error(`${answer.status}: ${value.detail}`);
  return value;
}

let link = await ask("POST", "/links", { username: "__USERNAME__" });
console.log("Show this page:", link.page_url);
console.log("Or this link:  ", link.url);
await writeFile("connect.svg", link.qr_svg);

while (["open", "held"].includes(link.state)) {
  link = await ask("GET", `/links/${link.id}?wait=25`);
}
console.log(`The link is ${link.state}.`);
