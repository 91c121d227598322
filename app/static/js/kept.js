/* What of the portal is kept on this device, for one person at a time: pages in a cache that bears the person's number,
   each in every language, the language that was read last, and the list of each kept module, which is written last and so
   says that the module is complete. The service worker answers from it without a link, and takes it away when somebody
   signs out or another person signs in. */
const PAGES = "hunar-pages-";
const ASSETS = "hunar-assets";
const LANGUAGE = "/language";
const LIST = /^\/learn\/[^/]+\/kept\.json$/;

export const keptAt = Number(document.documentElement.dataset.keptAt) || null;

export const timeText = (at) =>
  new Intl.DateTimeFormat(document.documentElement.lang === "ur" ? "ur-PK" : "en-GB", {
    dateStyle: "medium",
    timeStyle: "short",
  }).format(at);

async function pagesCache() {
  if (!("caches" in window)) return null;
  const name = (await caches.keys()).find((each) => each.startsWith(PAGES));
  return name ? caches.open(name) : null;
}

/* The lists of the complete modules, as the academy gave them, each with `at`, when it was kept. */
export async function keptModules() {
  const cache = await pagesCache();
  if (!cache) return [];
  const lists = (await cache.keys()).filter(({ url }) => LIST.test(new URL(url).pathname));
  return Promise.all(lists.map(async (list) => (await cache.match(list)).json()));
}

/* What of a list's files is not here yet. */
export async function missingAssets({ assets }) {
  const here = new Set((await (await caches.open(ASSETS)).keys()).map(({ url }) => url));
  return assets.filter(({ address }) => !here.has(new URL(address, location.href).href));
}

/* Note that all that this list names is here; files of older versions that nothing kept needs any more go. */
export async function noteKept(person, address, list) {
  const cache = await caches.open(PAGES + person);
  await cache.put(LANGUAGE, new Response(document.documentElement.lang));
  await cache.put(address, Response.json({ ...list, at: Date.now() }));
  const needed = new Set((await keptModules()).flatMap(({ assets }) => assets.map((asset) => asset.address)));
  const assets = await caches.open(ASSETS);
  for (const { url } of await assets.keys()) {
    const { pathname, search } = new URL(url);
    if (!needed.has(pathname + search)) await assets.delete(url);
  }
}

/* Take a module off this device. */
export async function dropKept(person, address, list) {
  const cache = await caches.open(PAGES + person);
  const left = (await keptModules()).filter(({ module }) => module !== list.module);
  if (left.length === 0) {
    await caches.delete(PAGES + person);
    await caches.delete(ASSETS);
    return;
  }
  await cache.delete(address);
  for (const { url } of await cache.keys()) {
    if (list.pages.includes(new URL(url).pathname)) await cache.delete(url);
  }
}

/* Something kept that is no page, as an object; undefined where it is not kept. */
export async function readKept(address) {
  const kept = await (await pagesCache())?.match(address);
  return kept?.json();
}

/* It follows what the academy says, where it is kept. */
export async function putKept(address, value) {
  const cache = await pagesCache();
  if (await cache?.match(address)) await cache.put(address, Response.json(value));
}

/* A kept notebook follows what the academy has confirmed. draftAddress: where its drafts are sent to. */
export async function refreshNotebook(draftAddress, text, version) {
  const cache = await pagesCache();
  const address = draftAddress.replace(/draft$/, "notebook.ipynb");
  const kept = await cache?.match(address);
  if (!kept) return;
  const headers = new Headers(kept.headers);
  headers.set("ETag", `"${version}"`);
  await cache.put(address, new Response(text, { headers }));
}
