/* Answers for the notebook site: from what is kept on this device, else from the network. What is kept changes only when
   the person asks (keep.js), so this worker itself may be replaced at any time.
   It also carries files and input between Python and its page, as JupyterLite's own service worker does. */
"use strict";

const { registerRoute } = workbox.routing;
const COMPLETE = "/complete";
const channel = new BroadcastChannel("/sw-api.v1");

self.addEventListener("install", () => self.skipWaiting());
workbox.core.clientsClaim();

/* The names of the complete caches, each of one version of one part, oldest first. */
async function completeCaches() {
  const found = [];
  for (const name of await caches.keys()) if (await (await caches.open(name)).match(COMPLETE)) found.push(name);
  return found;
}

/* A newer version takes the place of an older one when no notebook is open: a page never gets files of two versions. */
const settle = () =>
  navigator.locks?.request("hunar-notebook", { mode: "exclusive", ifAvailable: true }, async (isNoneOpen) => {
    if (!isNoneOpen) return;
    const newest = new Map();
    for (const name of await completeCaches()) {
      const [part] = name.split(" ");
      if (newest.has(part)) await caches.delete(newest.get(part));
      newest.set(part, name);
    }
  });

/* Whether something may be kept. While nothing is, requests go past this worker: only then does a browser keep what it
   compiled of the scripts, and each is there sooner. */
let mayBeKept = true;

async function kept(path) {
  const names = await completeCaches();
  mayBeKept = names.length > 0;
  for (const name of names) {
    const answer = await (await caches.open(name)).match(path);
    if (answer) return answer;
  }
  return undefined;
}

async function relay({ request, url }) {
  const question = await request.json();
  return new Promise((resolve) => {
    const hear = ({ data }) => {
      if (data.browsingContextId !== question.browsingContextId) return;
      channel.removeEventListener("message", hear);
      resolve(new Response(JSON.stringify(data.response)));
    };
    channel.addEventListener("message", hear);
    channel.postMessage({ ...question, pathname: url.pathname });
  });
}

const isRelayed = ({ url, sameOrigin }) => sameOrigin && /\/api\/(drive|stdin\/)/.test(url.pathname);
for (const method of ["GET", "POST"]) registerRoute(isRelayed, relay, method);

registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname === "/api/service-worker-heartbeat",
  async () => new Response("ok"),
);

/* keep.js fetches what will be kept from the network. */
function isAnswered({ request, sameOrigin }) {
  if (!sameOrigin) return false;
  if (!request.headers.has("Hunar-Keep")) return mayBeKept || request.mode === "navigate";
  mayBeKept = true;
  return false;
}

registerRoute(isAnswered, async ({ request, url }) => {
  if (request.mode === "navigate") await settle();
  return (await kept(url.pathname)) ?? fetch(request);
});
