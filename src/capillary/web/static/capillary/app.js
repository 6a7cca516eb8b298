// Keeps what was typed when the language is switched: forms are put back by their names, on this device only.
(() => {
  const page = () => location.pathname.replace(/^\/(zh-hans|en)\//, "/");
  const fields = () => document.querySelectorAll("main form:not([data-keeps-drafts]) [name]:not([type=hidden]):not([type=password]):not([type=file]):not(button)");
  const choice = (field) => field.type === "checkbox" || field.type === "radio";
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-keeps-drafts]")) return;
    const draft = [...fields()].map((field) => [field.name, field.value, choice(field) ? field.checked : null]);
    const open = [...document.querySelectorAll("main details")].map((item) => item.open);
    try { sessionStorage.setItem("draft", JSON.stringify({ page: page(), draft, open })); } catch { /* no storage */ }
  });
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem("draft") || "null");
    sessionStorage.removeItem("draft");
  } catch { /* no storage */ }
  if (!kept || kept.page !== page()) return;
  const left = kept.draft.slice();
  for (const field of fields()) {
    const place = left.findIndex(([name, value]) => name === field.name && (!choice(field) || value === field.value));
    if (place < 0) continue;
    const [[, value, checked]] = left.splice(place, 1);
    if (choice(field)) field.checked = checked;
    else field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  document.querySelectorAll("main details").forEach((item, place) => { if (kept.open[place]) item.open = true; });
})();

// Answers that could not be sent wait on this device, question by question, and are sent when the connection is back:
// at once, every few seconds, and whenever any page is opened. An answer that others have overtaken is not sent.
const keptAnswers = (() => {
  const STORE = "kept-answers";
  const DAYS = 14;
  const FIRST_PAUSE = 5000;
  const LONGEST_PAUSE = 120000;
  const note = document.getElementById("kept-note");
  const key = (address) => new URL(address, location.href).pathname.replace(/^\/(zh-hans|en)\//, "/");
  const all = () => {
    try { return JSON.parse(localStorage.getItem(STORE)) || {}; } catch { return {}; }
  };
  const store = (entries) => {
    try {
      if (Object.keys(entries).length) localStorage.setItem(STORE, JSON.stringify(entries));
      else localStorage.removeItem(STORE);
      return true;
    } catch { return false; }
  };
  const say = (name) => {
    if (!note) return;
    note.textContent = name ? note.dataset[name] : "";
    note.dataset.state = name || "";
  };
  const without = (name, at) => {
    const entries = all();
    if (!entries[name] || (at && entries[name].at !== at)) return;
    delete entries[name];
    store(entries);
  };
  let pause = FIRST_PAUSE;
  let timer = 0;
  let sending = false;

  function keep(address, fields) {
    const entries = all();
    entries[key(address)] = { address, fields, at: Date.now() };
    const done = store(entries);
    say(done ? "waiting" : "lost");
    if (done) later();
    return done;
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(flush, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }

  async function token(address) {
    try {
      const page = await fetch(address, { headers: { Accept: "text/html" } });
      const found = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[name=csrfmiddlewaretoken]");
      return found && found.value;
    } catch { return null; }
  }

  // What became of an answer: sent, refused, later (no connection), or asleep (somebody else is signed in).
  async function send(entry, fresh) {
    const here = document.querySelector("[name=csrfmiddlewaretoken]");
    const proof = fresh || (here && here.value);
    const body = new URLSearchParams(entry.fields);
    body.set("csrfmiddlewaretoken", proof || "");
    body.set("kept", "1");
    let answer;
    try {
      answer = await fetch(entry.address, { method: "POST", body, headers: { "HX-Request": "true" }, redirect: "manual" });
    } catch { return "later"; }
    if (answer.status === 403 && !fresh) {
      const other = await token(entry.address);
      return other ? send(entry, other) : "later";
    }
    if (answer.headers.get("Answer-Saved")) return "sent";
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403 || answer.status === 404) return "asleep";
    return answer.status < 500 ? "refused" : "later";
  }

  async function flush() {
    if (sending) return;
    sending = true;
    clearTimeout(timer);
    let waiting = false;
    for (const [name, entry] of Object.entries(all())) {
      const outcome = Date.now() - entry.at > DAYS * 86400000 ? "refused" : await send(entry);
      if (outcome === "later") { waiting = true; break; }
      if (outcome === "asleep") continue;
      without(name, entry.at);
      pause = FIRST_PAUSE;
      say(outcome);
      document.dispatchEvent(new CustomEvent("kept:done", { detail: { name, outcome } }));
    }
    sending = false;
    if (waiting) { say("waiting"); later(); }
  }

  addEventListener("online", () => { pause = FIRST_PAUSE; flush(); });
  if (Object.keys(all()).length) flush();
  return { keep, say, flush, forget: (address) => without(key(address)), of: (address) => all()[key(address)] };
})();
