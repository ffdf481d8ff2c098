// The sandbox's pages work without this. It keeps the phone and the codes up to date, scrolls, copies and sends with Enter.
"use strict";
document.documentElement.classList.add("js");

function localTimes(root) {
  for (const time of root.querySelectorAll("time[data-at]")) {
    const at = new Date(Number(time.dataset.at));
    const date = time.dataset.kind === "date";
    time.textContent = date ? at.toLocaleString() : at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    time.title = at.toLocaleString();
  }
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

// The phone: asks for changes and waits for the answer; a text that is being written stays.
async function followPhone() {
  let wait = 500;
  for (let phone = document.getElementById("phone"); phone; phone = document.getElementById("phone")) {
    try {
      const address = phone.dataset.live;
      const mark = address.endsWith("?") ? "" : "&";
      const answer = await fetch(`${address}${mark}seen=${phone.dataset.revision}`);
      if (answer.status === 200) {
        replacePhone(phone, await answer.text());
      } else if (answer.status !== 204) {
        await pause(5000);
      }
      wait = 500;
    } catch {
      phone.dataset.offline = "yes";
      await pause(wait);
      wait = Math.min(wait * 2, 8000);
    }
  }
}

function replacePhone(phone, text) {
  const next = new DOMParser().parseFromString(text, "text/html").getElementById("phone");
  if (!next) return;
  const typing = phone.querySelector("textarea[name=text]");
  const field = next.querySelector("textarea[name=text]");
  const focused = typing !== null && document.activeElement === typing;
  const same = phone.querySelector(".bottom")?.dataset.kind === next.querySelector(".bottom")?.dataset.kind;
  if (same && typing && field) {
    next.querySelector(".bottom").replaceWith(phone.querySelector(".bottom"));
  }
  const open = phone.querySelector("details.menu[open]");
  if (open) next.querySelector("details.menu")?.setAttribute("open", "");
  const known = new Set([...phone.querySelectorAll(".bubble")].map((bubble) => bubble.dataset.id));
  for (const bubble of next.querySelectorAll(".bubble")) {
    if (!known.has(bubble.dataset.id)) bubble.closest(".row").classList.add("fresh");
  }
  localTimes(next);
  phone.replaceWith(next);
  if (focused) next.querySelector("textarea[name=text]")?.focus({ preventScroll: true });
  settlePhone(next);
}

function settlePhone(phone) {
  const toast = phone.querySelector(".toast:not([data-alert])");
  if (toast) {
    setTimeout(() => {
      if (toast.isConnected) post(toast);
    }, 4000);
  }
}

// Sends a form without leaving the page; the waiting question then brings what changed.
async function post(form) {
  const body = new URLSearchParams(new FormData(form));
  try {
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    // Refused, so nothing was done: the page itself says why.
    if (answer.type !== "opaqueredirect") form.submit();
  } catch {
    form.submit();
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.copy !== undefined && navigator.clipboard) {
    navigator.clipboard.writeText(form.dataset.copy).catch(() => {});
  }
  if (form.matches("#phone form.write:not([data-reply]), #phone form.inline, #phone .keys form, #phone .toast")) {
    event.preventDefault();
    const text = form.querySelector("textarea");
    if (text && text.value.trim() === "") return;
    post(form).then(() => {
      if (text) text.value = "";
    });
  }
});

document.addEventListener("keydown", (event) => {
  if (event.target.matches("form.write textarea") && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

// The authenticator: counts down, and asks again when a code has run out.
async function followCodes() {
  const place = document.getElementById("codes");
  if (!place) return;
  for (;;) {
    await pause(1000);
    let over = false;
    for (const digits of place.querySelectorAll(".digits")) {
      const left = Number(digits.dataset.left) - 1;
      digits.dataset.left = String(left);
      const code = digits.closest(".code");
      code.querySelector("progress").value = Math.max(left, 0);
      code.querySelector(".seconds").textContent = String(Math.max(left, 0));
      over = over || left <= 0;
    }
    if (over) {
      try {
        const answer = await fetch(place.dataset.live);
        if (answer.ok) {
          const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
          place.replaceChildren(...fresh.childNodes);
        }
      } catch {
        await pause(2000);
      }
    }
  }
}

localTimes(document);
const phone = document.getElementById("phone");
if (phone) {
  settlePhone(phone);
  followPhone();
}
followCodes();
