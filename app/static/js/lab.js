/* The notebook lab: opens the trainee's notebook in the frame, saves it while they work, and submits it.
   A snapshot is kept here until the server has confirmed it; a saving that fails is tried again with the newest. */
const VERSION = 1;
const CALL_MS = 60000;
const READY_MS = 90000;
const RETRY_MS = [3000, 6000, 12000, 30000];
const KEEPALIVE_BYTES = 60000;

const lab = document.getElementById("lab");
const frame = document.getElementById("lab-frame");
const form = document.getElementById("lab-submit");
const choice = document.getElementById("lab-choice");
const texts = (name) => lab.dataset[`text${name}`];

/* quiet: what happens every few seconds is shown, but not read out. */
function say(text, { quiet = false } = {}) {
  const status = document.getElementById("lab-status");
  status.setAttribute("aria-live", quiet ? "off" : "polite");
  if (status.textContent !== text) status.textContent = text;
}

const saySaved = (time) => say(texts("Saved").replace("{time}", time), { quiet: true });

function randomKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const csrfToken = () => document.querySelector("meta[name=csrf-token]").content;

/* After a new sign-in in another tab the form token is another one; the same trainee may go on with it. */
async function renewToken() {
  const answer = await fetch(location.href, { cache: "no-store" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.getElementById("lab")?.dataset.trainee !== lab.dataset.trainee) return false;
  const token = page.querySelector("meta[name=csrf-token]").content;
  document.querySelector("meta[name=csrf-token]").content = token;
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
  return true;
}

/* Messages to and from the notebook; see lab/README.md. */
class Bridge {
  #waiting = new Map();
  #count = 0;

  constructor(onEvent) {
    this.onEvent = onEvent;
    window.addEventListener("message", (event) => this.#receive(event));
  }

  #receive(event) {
    if (event.origin !== lab.dataset.origin || event.source !== frame.contentWindow) return;
    const message = event.data;
    if (typeof message !== "object" || message === null || message.hunar !== VERSION) return;
    if (typeof message.event === "string") this.onEvent(message.event);
    const call = this.#waiting.get(message.id);
    if (!call) return;
    this.#waiting.delete(message.id);
    clearTimeout(call.timer);
    if (message.ok) call.resolve(message.value);
    else call.reject(new Error(String(message.error)));
  }

  call(op, args = {}) {
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`${op} was not answered`));
      }, CALL_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      frame.contentWindow.postMessage({ hunar: VERSION, id, op, args }, lab.dataset.origin);
    });
  }

  /* The notebook as JSON text; "" when it is larger than what can be taken. */
  async snapshot() {
    const { notebook } = await this.call("snapshot");
    const text = JSON.stringify(notebook);
    return text.length > Number(lab.dataset.limitBytes) ? "" : text;
  }
}

/* What is not yet confirmed by the server, and the one saving under way. */
class Draft {
  version = "0";
  pending = null;
  #inDoubt = null;
  #sending = false;
  #halted = false;
  #failures = 0;
  #lastSent = 0;
  #timer = 0;

  change(text) {
    this.pending = text;
    if (this.#halted) return;
    say(texts("Saving"), { quiet: true });
    const pause = Number(lab.dataset.draftSeconds) * 1000 - (Date.now() - this.#lastSent);
    this.#later(this.#failures ? this.#retryPause() : Math.max(0, pause));
  }

  /* Save at once what is pending. A saving whose answer never came is sent again first, as it was: the server knows
     it by its content, so that it is not taken for a change from elsewhere. */
  async flush() {
    if (this.pending === null || this.#halted || this.#sending) return;
    clearTimeout(this.#timer);
    this.#sending = true;
    this.#lastSent = Date.now();
    const text = this.#inDoubt ?? this.pending;
    this.#inDoubt = text;
    try {
      const answer = await this.#send(text, { "If-Match": `"${this.version}"` });
      this.#inDoubt = null;
      await this.#settle(answer, text);
    } catch {
      this.#failed();
    } finally {
      this.#sending = false;
    }
  }

  /* The page may be gone before the answer. Beside a saving under way this one cannot know its version. */
  leave() {
    if (this.pending === null || this.#halted) return;
    const condition = this.#sending || this.#inDoubt !== null ? {} : { "If-Match": `"${this.version}"` };
    const keepalive = new Blob([this.pending]).size < KEEPALIVE_BYTES;
    this.#send(this.pending, condition, keepalive).catch(() => undefined);
  }

  #send(text, condition, keepalive = false) {
    const headers = { "Content-Type": "application/x-ipynb+json", "X-CSRFToken": csrfToken(), ...condition };
    return fetch(lab.dataset.draft, { method: "POST", headers, body: text, keepalive });
  }

  async #settle(answer, text) {
    if (answer.ok) return this.#confirmed(await answer.json(), text);
    if (answer.status === 412) return this.#overtaken(await answer.json());
    if (answer.status === 413) return say(texts("Refused").replace("{reason}", texts("TooLarge")));
    if (answer.status === 422) return say(texts("Refused").replace("{reason}", (await answer.json()).message));
    if (answer.status < 500 && !(await renewToken())) {
      this.#failed();
      return say(texts("SignedOut"));
    }
    return this.#failed(answer.status < 500 && this.#failures === 0 ? 0 : undefined);
  }

  #confirmed(saved, text) {
    this.#failures = 0;
    this.version = saved.version;
    if (text !== this.pending) return this.#later(0);
    this.pending = null;
    return saySaved(saved.saved);
  }

  #overtaken(other) {
    this.#halted = true;
    say(texts("Elsewhere").replace("{time}", other.saved));
    choice.hidden = false;
    choice.dataset.version = other.version;
  }

  /* The trainee decided for this page's version. */
  keep(version) {
    this.version = version;
    this.#halted = false;
    return this.flush();
  }

  abandon() {
    this.pending = null;
  }

  #failed(pause = this.#retryPause()) {
    this.#failures += 1;
    say(texts("Offline"));
    this.#later(pause);
  }

  #retryPause() {
    return RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)];
  }

  #later(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), pause);
  }
}

const draft = new Draft();
const bridge = new Bridge((name) => EVENTS[name]?.());
let isOpen = false;
let silence = 0;
const savedBefore = document.getElementById("lab-status").textContent || texts("Ready");

async function currentNotebook() {
  const answer = await fetch(lab.dataset.notebook, { cache: "no-store" });
  if (!answer.ok) throw new Error(`the notebook was answered with ${answer.status}`);
  return { notebook: await answer.json(), version: answer.headers.get("ETag").replaceAll(/^W\/|"/g, "") };
}

/* Also after the frame was reloaded: what is not yet saved goes before what the server has. */
async function open() {
  clearTimeout(silence);
  const { path, name } = lab.dataset;
  try {
    if (draft.pending !== null) {
      await bridge.call("load", { path, name, notebook: JSON.parse(draft.pending) });
    } else {
      const { notebook, version } = await currentNotebook();
      await bridge.call("load", { path, name, notebook });
      draft.version = version;
      say(version === "0" ? texts("Ready") : savedBefore, { quiet: true });
    }
    isOpen = true;
  } catch (error) {
    console.warn("notebook not opened:", error.message);
    say(texts("Silent"));
  }
}

async function changed() {
  try {
    const text = await bridge.snapshot();
    if (text) draft.change(text);
    else say(texts("Refused").replace("{reason}", texts("TooLarge")));
  } catch (error) {
    console.warn("no snapshot:", error.message);
  }
}

const EVENTS = { ready: open, changed };

/* The same content again keeps its key, so that pressing twice gives one submission. */
const lastSubmission = { text: null, key: "" };

async function submit(event) {
  if (!isOpen) return;
  event.preventDefault();
  say(texts("Submitting"));
  document.getElementById("lab-problem").replaceChildren();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    await sendSubmission(await bridge.snapshot());
  } catch {
    say(texts("NotSubmitted"));
  } finally {
    button.disabled = false;
    delete form.dataset.sending;
  }
}

async function sendSubmission(text) {
  if (!text) return say(texts("Refused").replace("{reason}", texts("TooLarge")));
  if (text !== lastSubmission.text) Object.assign(lastSubmission, { text, key: randomKey() });
  if (draft.pending !== null) await draft.flush();
  const answer = await postSubmission(text);
  if (answer.ok && answer.redirected) {
    if (draft.pending === text) draft.abandon();
    return location.assign(answer.url);
  }
  if (answer.status >= 500) throw new Error("the portal is busy");
  if ([400, 401].includes(answer.status)) return say((await renewToken()) ? texts("NotSubmitted") : texts("SignedOut"));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("lab-problem").replaceChildren(...page.body.childNodes);
  return say("");
}

function postSubmission(text) {
  const data = new FormData(form);
  data.delete("saved");
  data.set("key", lastSubmission.key);
  data.set("notebook", new Blob([text], { type: "application/x-ipynb+json" }), "work.ipynb");
  const headers = { "X-CSRFToken": csrfToken(), "HX-Request": "true" };
  return fetch(form.action, { method: "POST", headers, body: data });
}

choice.addEventListener("click", (event) => {
  const kept = event.target.dataset.keep;
  if (!kept) return;
  choice.hidden = true;
  if (kept === "mine") draft.keep(choice.dataset.version);
  else {
    draft.abandon();
    location.reload();
  }
});

form.addEventListener("submit", submit);
window.addEventListener("online", () => draft.flush());
window.addEventListener("blur", () => draft.flush());
window.addEventListener("pagehide", () => draft.leave());
document.addEventListener("visibilitychange", () => draft.flush());
window.addEventListener("beforeunload", (event) => {
  if (draft.pending === null) return;
  draft.flush();
  event.preventDefault();
});

say(texts("Opening"));
silence = setTimeout(() => say(texts("Silent")), READY_MS);
frame.hidden = false;
frame.src = frame.dataset.address;
