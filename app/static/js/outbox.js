/* What the academy has not confirmed yet, kept in the browser's own store until it has.

   A draft belongs to the page that wrote it, so that two windows never overwrite each other's. A page holds a lock
   while it is open: whatever belongs to no open page was left behind, and any page of the same person may send it. */
import { openDB } from "../vendor/idb/idb.js";
import { randomKey } from "./portal.js";

const LOCK = "hunar-page-";
const page = navigator.locks ? randomKey() : "only";

/* Who writes here: this window, and before it those whose work it went on with. The academy keeps the first with each
   draft, and so can tell a saving of ours whose answer was lost from a change by somebody else. */
export const writers = [randomKey()];
const MOST_WRITERS = 8;

export function goOnFrom(draft) {
  writers.push(...draft.writers);
  writers.splice(MOST_WRITERS);
}

const opened = openDB("hunar", 3, {
  upgrade(database, before) {
    if (before < 1) {
      database.createObjectStore("drafts", { keyPath: ["person", "address", "page"] });
      database.createObjectStore("submissions", { keyPath: ["person", "key"] });
    }
    if (before < 2) database.createObjectStore("cells", { keyPath: ["person", "address", "code"] });
    if (before < 3) database.createObjectStore("plays", { keyPath: ["person", "address"] });
  },
});

/* Held until the page is gone. */
navigator.locks?.request(LOCK + page, () => new Promise(() => undefined));

async function openPages() {
  if (!navigator.locks) return new Set();
  const { held } = await navigator.locks.query();
  return new Set(held.map((lock) => lock.name).filter((name) => name.startsWith(LOCK)).map((name) => name.slice(LOCK.length)));
}

/* Whether the browser takes what is to be kept: it may have no store, or no room. */
export const isTaken = (keeping) =>
  keeping.then(
    () => true,
    () => false,
  );

/* What is kept is in order by `at`, which never goes back, though the computer's clock may: the submissions of a day
   count as attempts in the order in which they were made. */
const LAST = "hunar-last-kept";

let last = 0;

/* Where the browser's own store is full or blocked, the order of this page's own holds. */
function unlessBlocked(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}

function nextMoment() {
  const others = unlessBlocked(() => Number(localStorage.getItem(LAST))) || 0;
  last = Math.max(Date.now(), last + 1, others + 1);
  unlessBlocked(() => localStorage.setItem(LAST, last));
  return last;
}

/* version: of the draft at the academy that this text goes on from; number: counts what this window wrote. */
export async function keepDraft({ person, address, text, version, number }) {
  await (await opened).put("drafts", { person, address, page, text, version, number, writers, at: nextMoment() });
}

/* Forget a draft, unless something newer was written over it meanwhile. */
export async function dropDraft(draft) {
  const transaction = (await opened).transaction("drafts", "readwrite");
  const key = [draft.person, draft.address, draft.page ?? page];
  const kept = await transaction.store.get(key);
  if (kept?.text === draft.text) await transaction.store.delete(key);
  await transaction.done;
}

/* What its writer decided against and the academy does not take, in words or "": no lab goes on with it. */
export async function keepApart({ person, address, text }, words) {
  const reason = words || document.getElementById("outbox").dataset.textNoReason;
  const transaction = (await opened).transaction("drafts", "readwrite");
  const kept = await transaction.store.get([person, address, page]);
  if (kept?.text !== text) throw new Error("the draft is not kept");
  await transaction.store.delete([person, address, page]);
  await transaction.store.put({ ...kept, page: randomKey(), reason, isApart: true });
  await transaction.done;
}

export async function keepSubmission(submission) {
  await (await opened).put("submissions", { ...submission, at: nextMoment() });
}

export async function dropSubmission({ person, key }) {
  await (await opened).delete("submissions", [person, key]);
}

const of = (person) => IDBKeyRange.bound([person], [person, []]);

/* Drafts that no open page will send, oldest first. */
export async function leftBehind(person) {
  const [drafts, pages] = [await (await opened).getAll("drafts", of(person)), await openPages()];
  return drafts.filter((draft) => draft.page !== page && !pages.has(draft.page)).sort((one, other) => one.at - other.at);
}

export async function submissionsOf(person) {
  const submissions = await (await opened).getAll("submissions", of(person));
  return submissions.sort((one, other) => one.at - other.at);
}

/* A cell that was run, for the curiosity log; run again it waits as it was run first. */
export async function keepRunCell(cell) {
  const { person, address, code } = cell;
  if (!(await (await opened).get("cells", [person, address, code]))) await (await opened).put("cells", cell);
}

export const runCellsOf = async (person) => (await opened).getAll("cells", of(person));

export async function dropRunCells(cells) {
  const transaction = (await opened).transaction("cells", "readwrite");
  for (const { person, address, code } of cells) transaction.store.delete([person, address, code]);
  await transaction.done;
}

/* What was done to one run of a simulation without a link, in order; see device.js. */
export const keepPlay = async (play) => (await opened).put("plays", play);

export const playOf = async (person, address) => (await opened).get("plays", [person, address]);

export const playsOf = async (person) => (await opened).getAll("plays", of(person));

/* The first things of a play are the academy's now; base: how much of the run it has. */
export async function settlePlay({ person, address, done }, base) {
  const transaction = (await opened).transaction("plays", "readwrite");
  const play = await transaction.store.get([person, address]);
  const left = play.done.slice(done.length);
  if (left.length > 0) await transaction.store.put({ ...play, base, done: left });
  else await transaction.store.delete([person, address]);
  await transaction.done;
}

const KEYS = { drafts: ["person", "address", "page"], submissions: ["person", "key"], plays: ["person", "address"] };
const keyOf = (store, thing) => KEYS[store].map((name) => thing[name]);

/* Why the academy does not take a thing, in words: it is not sent again until the reason is taken back (""). What was
   changed or sent meanwhile is left alone. */
export async function noteReason(store, thing, reason) {
  const transaction = (await opened).transaction(store, "readwrite");
  const kept = await transaction.store.get(keyOf(store, thing));
  const isSame = kept && kept.at === thing.at && kept.done?.length === thing.done?.length;
  if (isSame) await transaction.store.put({ ...kept, reason });
  await transaction.done;
}

/* What the academy did not take, each with `store`, where it waits. */
export async function refusedOf(person) {
  const found = await Promise.all(
    Object.keys(KEYS).map(async (store) =>
      (await (await opened).getAll(store, of(person))).filter(({ reason }) => reason).map((thing) => ({ ...thing, store })),
    ),
  );
  return found.flat();
}

/* Forget what was not taken, unless it was begun anew meanwhile. */
export async function dropRefused({ store, ...thing }) {
  const transaction = (await opened).transaction(store, "readwrite");
  const kept = await transaction.store.get(keyOf(store, thing));
  if (kept?.reason) await transaction.store.delete(keyOf(store, thing));
  await transaction.done;
}

/* How much of this person's work is on this computer only. */
export async function countWaiting(person) {
  const submissions = (await submissionsOf(person)).filter(({ reason }) => !reason);
  const [drafts, plays] = await Promise.all(["drafts", "plays"].map(async (name) => (await opened).count(name, of(person))));
  return drafts + plays + submissions.length;
}

/* At most one page does this at a time. */
export function alone(act) {
  return navigator.locks ? navigator.locks.request("hunar-outbox", { ifAvailable: true }, (lock) => lock && act()) : act();
}
