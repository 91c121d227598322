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

/* How often somebody signed out while this worker ran: what was on its way then is kept for nobody. */
let signOuts = 0;

/* Take other people's pages off this device; with no person, everybody's. */
async function forgetPages(person = "") {
  if (!person) signOuts += 1;
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

/* Where a page is kept in this language; "": what is in none. */
function keyOf(address, language) {
  const url = new URL(address, self.location.href);
  if (language) url.searchParams.set("kept-in", language);
  return url.href;
}

/* The language that the person reads, as the academy answered last or as they chose without a link. */
async function languageHere() {
  const noted = await caches.match(self.hunar.language, { cacheName: await pagesOfPerson() });
  return noted?.text();
}

async function noteLanguage(language) {
  const [name] = await pagesHere();
  if (!name || !self.hunar.languages.includes(language) || language === (await languageHere())) return;
  await (await caches.open(name)).put(self.hunar.language, new Response(language));
}

/* A page is read in the person's language, else in another one, else as it was kept before there was a choice. */
async function keyToRead({ request, mode }) {
  if (mode === "write") return request;
  const cacheName = await pagesOfPerson();
  for (const language of [await languageHere(), ...self.hunar.languages]) {
    const key = keyOf(request.url, language);
    if (await caches.match(key, { cacheName })) return key;
  }
  return request;
}

/* What is kept follows what the person sees, unless it needs newer files than are kept: that waits for an update.
   It is put here and not by the strategy, which does not know the answer's language when it names the copy. */
async function refresh({ request, response }) {
  if (response.status !== 200 || response.redirected) return null;
  const language = response.headers.get("Hunar-Language");
  await noteLanguage(language);
  const [cacheName, key] = [await pagesOfPerson(), keyOf(request.url, language)];
  const kept = await caches.match(key, { cacheName });
  if (!kept || kept.headers.get("Hunar-Version") !== response.headers.get("Hunar-Version")) return null;
  await (await caches.open(cacheName)).put(key, await copyOf(response));
  return null;
}

async function fromAcademy(options, patience) {
  const plugins = [
    {
      fetchDidSucceed: noteWhose,
      cacheKeyWillBeUsed: keyToRead,
      cacheWillUpdate: refresh,
      handlerDidError: () => matchPrecache(self.hunar.offline),
    },
  ];
  const cacheName = await pagesOfPerson();
  return new NetworkFirst({ cacheName, networkTimeoutSeconds: patience, plugins }).handle(options);
}

async function offlinePage(why) {
  const page = await matchPrecache(self.hunar.offline);
  const text = await page.text();
  return new Response(text.replace("<html ", `<html data-why="${why}" `), { headers: page.headers });
}

/* Without a link the language changes on this device, where something is kept in it. */
async function switchLanguage(form) {
  const [language, next] = ["language", "next"].map((name) => form.get(name));
  await noteLanguage(language);
  const back = new URL(next, self.location.href);
  return Response.redirect(back.origin === self.location.origin ? back.href : "/", 303);
}

async function send({ request, url }) {
  const form = url.pathname === self.hunar.language && (await pagesHere()).length > 0 ? request.clone().formData() : null;
  const isSignOut = url.pathname === self.hunar.signOut;
  if (isSignOut) await forgetPages();
  try {
    return await fetch(request);
  } catch {
    if (form) return switchLanguage(await form);
    return offlinePage(isSignOut ? "sign-out" : "form");
  }
}

/* A notebook, and the data that an academy brought into its lab. */
const OF_LAB = /^\/notebooks\/[^/]+\/[^/]+\/(?:notebook\.ipynb|files\/[^/]+)$/;
const isOfLab = ({ url, sameOrigin }) => sameOrigin && OF_LAB.test(url.pathname);
registerRoute(isOfLab, (options) => fromAcademy(options));
registerRoute(({ request }) => request.mode === "navigate", (options) => fromAcademy(options, PATIENCE_SECONDS));
registerRoute(({ request }) => request.mode === "navigate", send, "POST");
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith("/static/"),
  new CacheFirst({ cacheName: ASSETS, plugins: [{ cacheWillUpdate: async () => null }] }),
);

class NotKept extends Error {}

async function keepPage({ person, address, language = "" }) {
  const headers = language ? { "Hunar-Language": language } : {};
  const before = signOuts;
  const answer = await fetch(address, { cache: "no-store", headers });
  if (!answer.ok || answer.redirected || answer.headers.get("Hunar-Person") !== person) throw new NotKept(address);
  const copy = await copyOf(answer);
  if (signOuts !== before) throw new NotKept(address);
  await (await caches.open(PAGES + person)).put(keyOf(address, language), copy);
  if (signOuts === before) return;
  await caches.delete(PAGES + person);
  throw new NotKept(address);
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
