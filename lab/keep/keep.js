/* Keeps the notebook site on this device for the portal's page that frames this one. See lab/README.md for the messages.

   What is kept lies in caches named by part and version; each ends with a marker once it is complete, so that what was
   broken off is gone on with. It is done here and not in the service worker's installation: only what was asked for is
   brought, a slow link has all the time it needs, and a file whose content is here under another name is not fetched. */
const VERSION = 1;
const COMPLETE = "/complete";
const SHARED = "shared";
const WORKER = "/service-worker.js?enableCache=false";
const AT_ONCE = 4;
/* Past what is kept: this page wants what the academy has now. */
const PAST_KEPT = { "Hunar-Keep": "yes" };

class Refused extends Error {}

const nameOf = (part, { digest }) => `${part} ${digest}`;

async function markerOf(name) {
  const marker = await (await caches.open(name)).match(COMPLETE);
  return marker?.json();
}

/* The names of this part's caches, complete or not, oldest first. */
const versionsOf = async (part) => (await caches.keys()).filter((name) => name.startsWith(`${part} `));

async function readParts(module) {
  const answer = await fetch("/kept-files.json", { cache: "no-cache", headers: PAST_KEPT });
  if (!answer.ok) throw new Refused(`the list of files was answered with ${answer.status}`);
  const all = await answer.json();
  return [SHARED, module].filter((part) => Object.hasOwn(all, part)).map((part) => ({ part, ...all[part] }));
}

const sum = (files, of) => files.reduce((total, file) => total + of(file), 0);

/* bytes: of room; sent: bytes that are still to come over the link. */
async function describePart(listed) {
  const { part, files } = listed;
  const names = await versionsOf(part);
  // To open it would make it, and what another page has just begun to fill must not be taken away again.
  const cache = names.includes(nameOf(part, listed)) ? await caches.open(nameOf(part, listed)) : null;
  const here = new Set(((await cache?.keys()) ?? []).map(({ url }) => new URL(url).pathname));
  const known = new Set([...(await knownContents(names)).keys()]);
  const missing = files.filter(({ path, sha256 }) => !here.has(path) && !known.has(sha256));
  const isCurrent = here.has(COMPLETE);
  const isKept = isCurrent || (await Promise.all(names.map(markerOf))).some(Boolean);
  return {
    part,
    isKept,
    isCurrent,
    bytes: sum(files, (file) => file.bytes),
    sent: isCurrent ? 0 : sum(missing, (file) => file.sent),
  };
}

/* Where a content lies in former versions: sha256 to the cache and the path. */
async function knownContents(names) {
  const known = new Map();
  for (const name of names) {
    const marker = await markerOf(name);
    for (const { path, sha256 } of marker?.files ?? []) if (sha256) known.set(sha256, { name, path });
  }
  return known;
}

async function roomLeft() {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  return quota === undefined ? null : Math.max(0, quota - usage);
}

async function describe({ module }) {
  const parts = await Promise.all((await readParts(module)).map(describePart));
  return { parts, room: await roomLeft() };
}

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

/* A file as it came, checked against its content's digest. arrive(share): how much of it is here. */
async function fetched({ path, sha256, bytes }, signal, arrive) {
  const answer = await fetch(path, { signal, headers: PAST_KEPT });
  if (!answer.ok) throw new Refused(`${path} was answered with ${answer.status}`);
  const chunks = [];
  let length = 0;
  for (const reader = answer.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
    arrive(Math.min(1, length / Math.max(1, bytes)));
  }
  const content = new Blob(chunks);
  if (sha256 && hex(await crypto.subtle.digest("SHA-256", await content.arrayBuffer())) !== sha256) {
    throw new Refused(`${path} is not what the list says: it was changed meanwhile`);
  }
  const headers = new Headers(answer.headers);
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  return new Response(content, { headers });
}

async function keepPart(listed, signal, progress) {
  const { part, files } = listed;
  const name = nameOf(part, listed);
  const versions = (await versionsOf(part)).filter((version) => version !== name);
  const cache = await caches.open(name);
  if (await cache.match(COMPLETE)) return;
  const known = await knownContents(versions);
  const here = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
  const waiting = files.filter(({ path }) => !here.has(path));
  const take = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      const twin = known.get(file.sha256);
      const answer =
        (twin && (await (await caches.open(twin.name)).match(twin.path))) ||
        (await fetched(file, signal, (share) => progress.set(file.path, share * file.sent)));
      await cache.put(file.path, answer);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
  await cache.put(COMPLETE, new Response(JSON.stringify({ files })));
  for (const version of versions) if (!(await markerOf(version))) await caches.delete(version);
}

let keeping = null;

async function keep({ module }) {
  keeping?.abort();
  keeping = new AbortController();
  const { signal } = keeping;
  const progress = new Map();
  const tell = () => send({ event: "progress", arrived: sum([...progress.values()], (sent) => sent) });
  const timer = setInterval(tell, 300);
  try {
    await takeControl();
    for (const listed of await readParts(module)) await keepPart(listed, signal, progress);
    return {};
  } catch (error) {
    keeping.abort();
    throw error.name === "QuotaExceededError" ? new Refused("full") : error;
  } finally {
    clearInterval(timer);
  }
}

/* JupyterLite asks for this very worker, and throws others out unless it finds its own version noted. */
async function takeControl() {
  const { "jupyter-config-data": config } = await (await fetch("/jupyter-lite.json", { headers: PAST_KEPT })).json();
  const registration = await navigator.serviceWorker.register(WORKER);
  localStorage.setItem(`${new URL(WORKER, location.href)}-version`, config.appVersion);
  const worker = registration.installing ?? registration.waiting;
  if (registration.active || !worker) return;
  await new Promise((resolve) => {
    worker.addEventListener("statechange", () => ["activated", "redundant"].includes(worker.state) && resolve());
  });
}

/* isLast: no other module on this device needs the shared part. */
async function remove({ module, isLast }) {
  keeping?.abort();
  const parts = isLast ? [module, SHARED] : [module];
  for (const part of parts) for (const name of await versionsOf(part)) await caches.delete(name);
  return {};
}

async function stop() {
  keeping?.abort();
  return {};
}

const OPERATIONS = { describe, keep, remove, stop };

const { portal } = await (await fetch("/hunar.json")).json();
const send = (message) => window.parent.postMessage({ hunar: VERSION, ...message }, portal);

window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== window.parent || origin !== portal) return;
  if (typeof data !== "object" || data === null || data.hunar !== VERSION || !Number.isSafeInteger(data.id)) return;
  if (!Object.hasOwn(OPERATIONS, data.op) || !/^[a-z0-9-]{1,80}$/.test(data.args?.module)) return;
  if (data.args.module === SHARED) return;
  OPERATIONS[data.op](data.args).then(
    (value) => send({ id: data.id, ok: true, value }),
    (error) => send({ id: data.id, ok: false, error: String(error?.message ?? error).slice(0, 500) }),
  );
});
send({ event: "ready" });
