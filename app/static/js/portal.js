/* What scripts need to speak with the portal. */
const csrfToken = () => document.querySelector("meta[name=csrf-token]").content;

export function randomKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/* As the academy would have written it: a value that a script set Firefox puts back over a newer one when the page is
   loaded again. */
export const setHidden = (field, value) => field.setAttribute("value", value);

/* A link may take what is sent and answer nothing; for the slowest that work is possible on. */
const PATIENCE_MS = 30000;
const SLOWEST_BYTES_PER_MS = 4;

/* A signal that ends a request which is not answered in the time that this many bytes need, and one that was under way
   when the browser comes online: what went out over the former link may never be answered. */
function patience(bytes = 0) {
  const ending = new AbortController();
  const end = () => ending.abort();
  setTimeout(end, PATIENCE_MS + bytes / SLOWEST_BYTES_PER_MS);
  window.addEventListener("online", end, { signal: ending.signal });
  return ending.signal;
}

const sizeOf = (value) => (value instanceof Blob ? value : new Blob([value])).size;
const partsOf = (body = "") => (body instanceof FormData ? [...body.values()] : [body]);
const bytesOf = (body) => partsOf(body).reduce((sum, part) => sum + sizeOf(part), 0);

/* After a new sign-in in another tab the form token is another one; the same person may go on with it. */
export async function renewToken() {
  const answer = await fetch(location.href, { cache: "no-store", signal: patience() });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const outbox = document.getElementById("outbox");
  if (page.getElementById("outbox")?.dataset.person !== outbox.dataset.person) return false;
  const token = page.querySelector("meta[name=csrf-token]").content;
  document.querySelector("meta[name=csrf-token]").content = token;
  for (const field of document.querySelectorAll("input[name=csrf_token]")) setHidden(field, token);
  return true;
}

const post = (address, { headers, ...options }) =>
  fetch(address, {
    method: "POST",
    headers: { "X-CSRFToken": csrfToken(), ...headers },
    signal: patience(bytesOf(options.body)),
    ...options,
  });

/* A refusal comes as words and not as a page. */
const IN_WORDS = { "HX-Request": "true" };

export const endFirstSteps = (address) => post(address, { keepalive: true });

/* Cells as outbox.js keeps them. */
export function noteRunCells(address, cells) {
  const body = JSON.stringify({ cells: cells.map(({ code, contact, elapsed }) => ({ code, contact, elapsed })) });
  return post(address, { headers: { "Content-Type": "application/json", ...IN_WORDS }, body });
}

/* A play as outbox.js keeps it. */
export function sendPlay({ address, number, seed, scenario_digest, base, done }) {
  const elapsed = (at) => Math.max(0, (Date.now() - at) / 1000);
  const sent = done.map(({ at, ...each }) => ({ ...each, elapsed: elapsed(at) }));
  const body = JSON.stringify({ number, seed, scenario_digest, base, done: sent });
  return post(address, { headers: { "Content-Type": "application/json", ...IN_WORDS }, body });
}

/* A draft as outbox.js keeps it. */
export function saveDraft({ address, text, version, number, writers }, { query = "", keepalive = false } = {}) {
  const headers = {
    "Content-Type": "application/x-ipynb+json",
    "If-Match": `"${version}"`,
    "X-Draft-Writers": writers.join(" "),
    "X-Draft-Number": String(number),
    ...IN_WORDS,
  };
  return post(address + query, { headers, body: text, keepalive });
}

/* Beside the newest draft, which another page or computer saved. */
export const keepAside = (draft) => saveDraft(draft, { query: "?aside=yes" });

/* said: when the button was pressed, as far as the page that had it could tell; see contact.js. */
export function submitNotebook({ address, text, key, said }) {
  const body = new FormData();
  body.set("key", key);
  for (const [name, value] of Object.entries(said)) body.set(name, value);
  body.set("notebook", new Blob([text], { type: "application/x-ipynb+json" }), "work.ipynb");
  return post(address, { headers: IN_WORDS, body });
}

/* fields: what a form would send, without its token, as pairs. */
export function submitForm({ address, key, fields }) {
  const body = new FormData();
  for (const [name, value] of fields) body.append(name, value);
  body.set("key", key);
  return post(address, { headers: IN_WORDS, body });
}

/* Answers that stay what they are however often the same is sent. */
export const isRefused = (status) => [403, 404, 409, 413, 422].includes(status);

/* What the academy says against a thing, as a script is answered or as a page shows it; "" for nothing. */
export async function wordsOf(answer) {
  try {
    if (answer.headers.get("Content-Type")?.includes("json")) return ((await answer.json()).message ?? "").trim();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const lines = [...page.querySelectorAll(".error-summary li")];
    const texts = (lines.length > 0 ? lines : [page.body]).map(({ textContent }) => textContent);
    return texts.join(" ").replace(/\s+/g, " ").trim();
  } catch {
    return "";
  }
}
