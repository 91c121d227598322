/* The portal without a link. Pages come from the academy; where there is none, from what the signed-in person keeps on
   this device (kept.js), else our own page says so. Only one person's pages are ever here: those of the last one to
   whom the academy answered. self.hunar comes from app/core/offline.py. */
"use strict";

const { registerRoute } = workbox.routing;
const { CacheFirst, NetworkFirst } = workbox.strategies;
const { matchPrecache, precacheAndRoute } = workbox.precaching;

const PAGES = "hunar-pages-";
const ASSETS = "hunar-assets";
const NOBODYS = `${PAGES}none`;
const PATIENCE_SECONDS = 10;

precacheAndRoute(self.hunar.shell);
workbox.core.clientsClaim();

const pagesHere = async () => (await caches.keys()).filter((name) => name.startsWith(PAGES));
const pagesOfPerson = async () => (await pagesHere())[0] ?? NOBODYS;

/* Take other people's pages off this device; with no person, everybody's. */
async function forgetPages(person = "") {
  for (const name of await pagesHere()) if (name !== PAGES + person) await caches.delete(name);
}

async function noteWhose({ response }) {
  const person = response.headers.get("Hunar-Person");
  if (person) await forgetPages(person);
  return response;
}

/* A page as it is kept: it knows that it is a copy, and from when. */
async function copyOf(response) {
  const headers = new Headers(response.headers);
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  const isPage = headers.get("Content-Type")?.startsWith("text/html");
  const body = isPage
    ? (await response.text()).replace("<html ", `<html data-kept-at="${Date.now()}" `)
    : await response.blob();
  return new Response(body, { headers });
}

/* What is kept follows what the person sees, unless it needs newer files than are kept: that waits for an update. */
async function refreshed({ request, response }) {
  if (response.status !== 200 || response.redirected) return null;
  const kept = await caches.match(request, { cacheName: await pagesOfPerson() });
  if (!kept || kept.headers.get("Hunar-Version") !== response.headers.get("Hunar-Version")) return null;
  return copyOf(response);
}

async function fromAcademy(options, patience) {
  const plugins = [
    { fetchDidSucceed: noteWhose, cacheWillUpdate: refreshed, handlerDidError: () => matchPrecache(self.hunar.offline) },
  ];
  const cacheName = await pagesOfPerson();
  return new NetworkFirst({ cacheName, networkTimeoutSeconds: patience, plugins }).handle(options);
}

async function offlinePage(why) {
  const page = await matchPrecache(self.hunar.offline);
  const text = await page.text();
  return new Response(text.replace("<html ", `<html data-why="${why}" `), { headers: page.headers });
}

async function send({ request, url }) {
  const isSignOut = url.pathname === self.hunar.signOut;
  if (isSignOut) await forgetPages();
  try {
    return await fetch(request);
  } catch {
    return offlinePage(isSignOut ? "sign-out" : "form");
  }
}

const isNotebook = ({ url, sameOrigin }) => sameOrigin && /^\/notebooks\/[^/]+\/[^/]+\/notebook\.ipynb$/.test(url.pathname);
registerRoute(isNotebook, (options) => fromAcademy(options));
registerRoute(({ request }) => request.mode === "navigate", (options) => fromAcademy(options, PATIENCE_SECONDS));
registerRoute(({ request }) => request.mode === "navigate", send, "POST");
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith("/static/"),
  new CacheFirst({ cacheName: ASSETS, plugins: [{ cacheWillUpdate: async () => null }] }),
);

class NotKept extends Error {}

async function keepPage({ person, address }) {
  const answer = await fetch(address, { cache: "no-store" });
  if (!answer.ok || answer.redirected || answer.headers.get("Hunar-Person") !== person) throw new NotKept(address);
  const cache = await caches.open(PAGES + person);
  await cache.put(address, await copyOf(answer));
}

async function keepAsset({ address }) {
  const cache = await caches.open(ASSETS);
  if (!(await cache.match(address))) await cache.add(address);
}

const OPERATIONS = { KEEP_PAGE: keepPage, KEEP_ASSET: keepAsset };

self.addEventListener("message", (event) => {
  if (event.data?.type === "SKIP_WAITING") return self.skipWaiting();
  const operation = OPERATIONS[event.data?.type];
  if (!operation) return undefined;
  const answer = operation(event.data.payload).then(
    () => ({ ok: true }),
    (error) => ({ ok: false, isFull: error.name === "QuotaExceededError" }),
  );
  return event.waitUntil(answer.then((message) => event.ports[0]?.postMessage(message)));
});
