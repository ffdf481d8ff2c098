// Live regions, previews, copy buttons, countdowns, counters and local times. Every page works without it.
"use strict";
(() => {
  const POLL_MS = 5000, SLOW_MS = 30000, SILENCE_MS = 45000, FAILURES_SHOWN = 2;
  const all = (root, selector) => [...root.querySelectorAll(selector)];
  document.documentElement.classList.add("js");

  // ---- Times: the server writes UTC and relative words; the reader gets their own zone.
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
  const exact = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
  const clockSeconds = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

  function ago(ms) {
    const ahead = ms < 0, seconds = Math.floor(Math.abs(ms) / 1000);
    if (seconds < 5) return "just now";
    const days = Math.floor(seconds / 86400), hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60);
    if (days >= 30) return null;
    const text = days ? (days === 1 ? "1 day" : `${days} days`) : hours ? `${hours} h` : minutes ? `${minutes} min` : `${seconds} s`;
    return ahead ? `in ${text}` : `${text} ago`;
  }

  function localTimes(root) {
    for (const el of all(root, "time[data-time]")) {
      const at = new Date(el.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      el.title = full.format(at);
      if (el.dataset.time === "exact") el.textContent = exact.format(at);
      if (el.dataset.time === "date") el.textContent = date.format(at);
      if (el.dataset.time === "day") el.textContent = clock.format(at);
      if (el.dataset.time === "ago") el.textContent = ago(Date.now() - at) ?? el.textContent;
    }
  }

  // ---- Countdowns run by the server's clock: data-now is its time when the markup was made.
  const skews = new WeakMap();
  function countdowns(root) {
    for (const el of all(root, "[data-until]")) {
      if (!skews.has(el)) skews.set(el, Number(el.dataset.now) - Date.now());
      const left = Math.max(0, Math.ceil((Number(el.dataset.until) - Date.now() - skews.get(el)) / 1000));
      const hours = Math.floor(left / 3600), minutes = Math.floor(left / 60) % 60, seconds = String(left % 60).padStart(2, "0");
      const text = left === 0 ? "expired"
        : left >= 86400 ? el.textContent
        : `expires in ${hours ? `${hours}:${String(minutes).padStart(2, "0")}` : minutes}:${seconds}`;
      if (el.textContent !== text) el.textContent = text;
    }
  }

  // ---- Counters count UTF-16 units, as Telegram does.
  function counters(root) {
    for (const el of all(root, "[data-count]")) count(document.getElementById(el.dataset.count), el);
  }
  function count(area, out) {
    if (!area || !out) return;
    const max = Number(area.dataset.max), used = area.value.length;
    out.textContent = used > max ? `${(used - max).toLocaleString("en")} characters too many` : `${used.toLocaleString("en")} of ${max.toLocaleString("en")} characters`;
    out.classList.toggle("over", used > max);
  }

  // ---- Tabs in a row that scrolls: the one that one is on is brought into sight.
  function tabs(root) {
    for (const el of all(root, ".tabs [aria-current]")) {
      const row = el.closest(".tabs");
      row.scrollLeft += el.getBoundingClientRect().right - row.getBoundingClientRect().right + 16;
    }
  }

  // ---- Forms that are sent by themselves, once, when their page is in sight: what was written counts as read.
  const sent = new Set();
  function atSight() {
    if (document.visibilityState !== "visible") return;
    for (const form of all(document, "form[data-at-sight]")) {
      const name = `${form.action} ${form.dataset.atSight}`;
      if (sent.has(name)) continue;
      sent.add(name);
      fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" })
        .then(() => all(document, ".nav-count").forEach(oneLess)).catch(() => sent.delete(name));
    }
  }
  function oneLess(count) {
    const left = Number(count.firstChild.textContent.replace(/\D/g, "")) - 1;
    if (left > 0) count.firstChild.textContent = left.toLocaleString("en"); else count.remove();
  }
  document.addEventListener("visibilitychange", atSight);

  function dress(root) {
    localTimes(root); countdowns(root); counters(root); tabs(root); atSight();
  }

  // ---- Copying: the clipboard where it is allowed, else the old command, else the text stands selected.
  function select(el) {
    if (el.select) { el.focus(); el.select(); return; }
    const range = document.createRange();
    range.selectNodeContents(el);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }
  function textOf(el) {
    if ("value" in el && el.tagName !== "LI") return el.value;
    const items = all(el, "li");
    return items.length ? items.map((li) => li.textContent).join("\n") : el.textContent;
  }
  async function copy(button) {
    const source = document.getElementById(button.dataset.copy), label = button.querySelector("span");
    if (!source || !label) return;
    let done = false;
    try { await navigator.clipboard.writeText(textOf(source)); done = true; }
    catch { select(source); try { done = document.execCommand("copy"); } catch { done = false; } }
    label.textContent = done ? "Copied" : "Selected: press Ctrl+C";
    setTimeout(() => { label.textContent = "Copy"; }, 2500);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy],[data-print]");
    const adder = event.target.closest?.("[data-add-row]");
    if (adder) addRow(adder);
    if (button?.dataset.copy) copy(button);
    else if (button) print();
    for (const menu of all(document, "details.nav-more[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of all(document, "details.nav-more[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  document.addEventListener("input", (event) => {
    if (event.target.list) suggest(event.target);
    if (event.target.id) count(event.target, document.querySelector(`[data-count="${CSS.escape(event.target.id)}"]`));
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.list) suggest(event.target);
    if (event.target.classList?.contains("copy-value")) event.target.select();
  });

  // ---- A form that is looked at while it is written: what stands in it is posted, without its file, to the address in
  // data-preview; the parts that come back replace those on the page. The newest answer counts.
  class Composer {
    constructor(form) {
      this.form = form;
      this.photo = null;
      form.addEventListener("input", () => this.later());
      form.addEventListener("change", (event) => { if (event.target.name === "photo") this.choose(event.target.files[0]); else this.later(); });
      const chosen = form.querySelector("[type=file][name=photo]")?.files[0];
      if (chosen) this.choose(chosen);
    }

    later() { clearTimeout(this.timer); this.timer = setTimeout(() => this.look(), 400); }

    choose(file) {
      this.photo = null;
      if (!file || file.size > 10 * 1024 * 1024) { this.later(); return; }
      const reader = new FileReader();
      reader.onload = () => { this.photo = reader.result; this.look(); };
      reader.readAsDataURL(file);
    }

    async look() {
      this.asked?.abort();
      this.asked = new AbortController();
      const fields = new URLSearchParams();
      for (const [name, value] of new FormData(this.form)) {
        if (typeof value === "string") fields.append(name, value);
        else if (value.size) fields.append(`chosen_${name}`, String(value.size));
      }
      try {
        const answer = await fetch(this.form.dataset.preview, { method: "POST", body: fields, headers: { Accept: "text/html" }, redirect: "error", signal: this.asked.signal });
        if (!answer.ok) return;
        const fresh = document.createElement("template");
        fresh.innerHTML = await answer.text();
        for (const part of all(fresh.content, "[data-part]")) {
          const el = document.querySelector(`[data-part="${CSS.escape(part.dataset.part)}"]`);
          if (el && el.innerHTML !== part.innerHTML) el.innerHTML = part.innerHTML;
        }
        this.forget();
        this.hang();
        dress(document);
      } catch { /* The next change asks again. */ }
    }

    // What was wrong when the form came back is outdated: what is wrong now stands in the parts.
    forget() {
      for (const el of all(this.form, ".bad")) el.classList.remove("bad");
      for (const el of all(this.form, "[aria-invalid]")) el.removeAttribute("aria-invalid");
      for (const el of all(this.form, ".error")) el.remove();
      document.querySelector("main .notice[role=alert]")?.remove();
    }

    // The chosen file is shown from here: it was not sent yet.
    hang() {
      const slot = document.querySelector("[data-photo-slot]");
      if (!slot || !this.photo) return;
      const img = document.createElement("img");
      img.src = this.photo;
      img.alt = "The photo you chose";
      slot.replaceChildren(img);
    }
  }

  function addRow(button) {
    const editor = button.closest("[data-rows]"), rows = all(editor, "[data-row]"), last = rows.at(-1);
    if (rows.length >= Number(editor.dataset.rows)) { button.hidden = true; return; }
    const fresh = last.cloneNode(true);
    for (const el of all(fresh, "input, select")) {
      el.name = el.name.replace(/\d+$/, String(rows.length));
      // Buttons of one message are mostly of one kind.
      if (el.tagName === "SELECT") el.value = last.querySelector("select").value;
      else if (el.type === "checkbox") el.checked = false; else el.value = "";
    }
    for (const el of all(fresh, ".first")) el.classList.remove("first");
    last.after(fresh);
    fresh.querySelector("input").focus();
  }

  // A list of tags goes on behind its last comma.
  function suggest(input) {
    const list = document.getElementById(input.getAttribute("list"));
    if (!list || "zone" in list.dataset) return;
    list.words ??= all(list, "option").map((option) => option.value);
    const before = input.value.replace(/[^,]*$/, "").replace(/,\s*$/, ", "), taken = input.value.split(",").map((word) => word.trim());
    list.replaceChildren(...list.words.filter((word) => !taken.includes(word)).map((word) => new Option(word, before + word)));
    for (const option of all(list, "option")) option.value = before + option.textContent;
  }

  // ---- Moments are typed in the reader's own zone; beside each travels the same in UTC, and for which text that holds.
  function localMoments() {
    for (const input of all(document, "input[type=datetime-local][data-moment]")) {
      const pad = (number) => String(number).padStart(2, "0");
      const local = (at) => `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T${pad(at.getHours())}:${pad(at.getMinutes())}`;
      const [utc, text] = [`${input.name}_utc`, `${input.name}_text`].map((name) => input.form.elements[name]);
      if (input.value) { const at = new Date(`${input.value}Z`); if (!Number.isNaN(at.getTime())) input.value = local(at); }
      const zone = document.getElementById(`${input.id}-hint`);
      if (zone) zone.textContent = `In your own time zone: ${Intl.DateTimeFormat().resolvedOptions().timeZone}.`;
      const note = () => { const at = new Date(input.value); utc.value = Number.isNaN(at.getTime()) ? "" : String(at.getTime()); text.value = input.value; };
      input.addEventListener("input", note);
      note();
    }
  }

  // ---- What a finger or a button of the mouse is on. A click counts only where it began; it comes a moment after the release.
  let pressed = null, release = 0;
  document.addEventListener("pointerdown", (event) => { clearTimeout(release); pressed = event.target; }, true);
  for (const over of ["pointerup", "pointercancel"]) {
    document.addEventListener(over, () => { release = setTimeout(() => { pressed = null; }, 100); }, true);
  }

  // ---- Live regions: the protocol stands at `region` in src/view/live.rs.
  class Region {
    constructor(el) {
      this.el = el;
      this.url = el.dataset.live;
      this.note = document.querySelector(`[data-stale="${CSS.escape(el.id)}"]`);
      this.last = new Date();
      this.failures = 0;
      this.over = false;
      this.shown = new WeakMap();
      this.waiting = new Map();
      this.start();
    }

    start() {
      if (this.over) return;
      if (!window.EventSource) { this.poll(); return; }
      this.heard = Date.now();
      this.stream = new EventSource(this.url);
      this.stream.addEventListener("html", (event) => { this.hear(); this.show(JSON.parse(event.data)); });
      this.stream.addEventListener("beat", () => this.hear());
      this.stream.addEventListener("again", () => { this.close(); this.start(); });
      this.stream.addEventListener("done", () => this.finish());
      this.stream.onerror = () => this.fallBack();
      this.watch = setInterval(() => { if (Date.now() - this.heard > SILENCE_MS) this.fallBack(); }, POLL_MS);
    }

    hear() { this.heard = Date.now(); this.fresh(); }

    // A broken stream is replaced by polling, which also tells how the server does; streams are tried again later.
    fallBack() {
      this.close();
      if (!this.over) this.poll();
    }

    close() {
      this.stream?.close();
      this.stream = null;
      clearInterval(this.watch);
      clearTimeout(this.timer);
    }

    async poll() {
      let answer = null;
      try {
        const url = new URL(this.url, location.href);
        url.searchParams.set("poll", "1");
        answer = await fetch(url, { headers: { Accept: "text/html" }, redirect: "error", signal: AbortSignal.timeout?.(15000) });
        if (answer.status === 200) this.show(await answer.text());
      } catch { answer = null; }
      if (this.over) return;
      if (answer && [401, 403, 404, 410].includes(answer.status)) { this.over = true; this.stale(); return; }
      if (answer?.headers.get("X-Live") === "done") { this.finish(); return; }
      if (answer?.ok) { this.fresh(); this.polls = (this.polls ?? 0) + 1; } else if (++this.failures >= FAILURES_SHOWN) this.stale();
      // After a while of good answers the stream gets another chance.
      const again = answer?.ok && this.polls % 12 === 0;
      this.timer = setTimeout(() => (again ? this.start() : this.poll()), this.failures > 6 ? SLOW_MS : POLL_MS);
    }

    fresh() {
      this.last = new Date();
      this.failures = 0;
      if (this.note) this.note.hidden = true;
    }

    stale() {
      if (!this.note) return;
      const time = this.note.querySelector("time");
      time.dateTime = this.last.toISOString();
      time.textContent = clockSeconds.format(this.last);
      this.note.hidden = false;
    }

    finish() {
      this.fresh();
      this.over = true;
      this.close();
    }

    // What is typed, selected or pressed inside is not taken away: the newest content waits until it is left.
    busy(el) {
      const at = document.activeElement, selection = getSelection();
      const typing = at && el.contains(at) && at.matches("input:not([type=hidden]),textarea,select");
      return typing || el.contains(pressed) || (selection && !selection.isCollapsed && el.contains(selection.anchorNode));
    }

    show(html) {
      if (!("parts" in this.el.dataset)) { this.put(this.el, html); return; }
      const fresh = document.createElement("template");
      fresh.innerHTML = html;
      for (const part of all(fresh.content, "[data-part]")) {
        const el = this.el.querySelector(`[data-part="${CSS.escape(part.dataset.part)}"]`);
        if (el) this.put(el, part.innerHTML);
      }
    }

    put(el, html) {
      if (html === this.shown.get(el)) { this.waiting.delete(el); return; }
      if (this.busy(el)) {
        this.waiting.set(el, html);
        this.retry ??= setInterval(() => this.putWaiting(), 500);
        return;
      }
      this.waiting.delete(el);
      this.shown.set(el, html);
      const open = all(el, "details[open][id]").map((details) => details.id);
      const focused = el.contains(document.activeElement) ? document.activeElement.id : "";
      const top = el.querySelector("[data-scroll]")?.scrollTop ?? 0;
      el.innerHTML = html;
      if (top) el.querySelector("[data-scroll]")?.scrollTo({ top, behavior: "instant" });
      for (const id of open) { const details = document.getElementById(id); if (details) details.open = true; }
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      dress(el);
    }

    putWaiting() {
      for (const [el, html] of this.waiting) this.put(el, html);
      if (this.waiting.size === 0) { clearInterval(this.retry); this.retry = null; }
    }
  }

  // ---- A time zone that is asked for is most likely the one that one is in.
  for (const list of all(document, "datalist[data-zone]")) {
    const input = document.querySelector(`input[list="${CSS.escape(list.id)}"]`);
    if (input && !input.value) input.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  }

  dress(document);
  localMoments();
  all(document, "form[data-preview]").forEach((form) => new Composer(form));
  all(document, "[data-live][id]").forEach((el) => new Region(el));
  setInterval(() => countdowns(document), 1000);
  setInterval(() => localTimes(document), 30000);
})();
