// Sends a message to an account: to every chat it is connected to.
const startlink = "__ADDRESS__";
const key = "__KEY__";

async function send(username, text) {
  const answer = await fetch(`${startlink}/api/v1/messages`, {
    method: "POST",
    headers: { "Authorization": `Bearer ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify({ to: { username }, text }),
  });
  const value = await answer.json();
  if (!answer.ok) throw new Error(`${answer.status}: ${value.detail}`);
  return value;
}

const message = await send("__USERNAME__", "__TEXT__");
console.log(`Message ${message.id} is on its way.`);
