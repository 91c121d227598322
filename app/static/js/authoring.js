/* The page on which a lab is written: its source in the frame, what each cell is beside it, every change saved. */
import { Bridge } from "./bridge.js";
import { Cells } from "./cells.js";
import { Draft } from "./draft.js";
import { lab, say, texts } from "./labstatus.js";
import { Menus } from "./menus.js";
import { countWaiting, writers } from "./outbox.js";
import { renewToken } from "./portal.js";

const READY_MS = 90000;
const LOOK_MS = 15000;
const SAVING_MS = 20000;

const frame = document.getElementById("lab-frame");
const choice = document.getElementById("lab-choice");
const problems = document.getElementById("problems");
const checkForm = document.getElementById("lab-check-form");
const preview = document.getElementById("lab-preview");
const person = document.getElementById("outbox").dataset.person;
const limit = Number(lab.dataset.limitBytes);
const savedBefore = document.getElementById("lab-status").textContent;

const sayRefused = (reason) => say("Refused", { reason: reason || texts("TooLarge") });
const sayWaiting = async (name) => say(name, { count: await countWaiting(person).catch(() => 1) });

function showProblems(found) {
  problems.hidden = found.length === 0;
  const items = found.map(({ sentence }) => Object.assign(document.createElement("li"), { textContent: sentence }));
  problems.querySelector("ul").replaceChildren(...items);
}

/* The state of somebody else that the person was told of. */
let other = null;

function sayElsewhere(newest) {
  other = newest;
  say("Elsewhere", { author: newest.author, time: newest.saved });
  choice.hidden = false;
}

const SAYINGS = {
  kept: () => say(draft.isKept ? "Kept" : "NotKept", {}, { quiet: true }),
  saved: ({ saved, problems: found }) => {
    say("Saved", { time: saved }, { quiet: true });
    showProblems(found ?? []);
  },
  offline: () => sayWaiting("Offline"),
  signedOut: () => sayWaiting("SignedOut"),
  refused: ({ reason }) => sayRefused(reason),
  elsewhere: sayElsewhere,
  bothKept: ({ compare }) => Object.assign(choice.querySelector("a"), { href: compare, hidden: false }),
};

const draft = new Draft({
  person,
  address: lab.dataset.draft,
  seconds: Number(lab.dataset.draftSeconds),
  renew: renewToken,
  tell: (what, facts) => SAYINGS[what](facts),
});
const bridge = new Bridge(frame, lab.dataset.origin, (name) => EVENTS[name]?.());
const cells = new Cells(bridge);
const menus = new Menus(bridge);
let isOpen = false;
/* What the notebook held when it was opened or last changed. */
let known = "";

async function open() {
  clearTimeout(silence);
  const { path, name } = lab.dataset;
  const explanations = JSON.parse(lab.dataset.explanations);
  const load = (text) => bridge.call("load", { path, name, explanations, notebook: JSON.parse(text) });
  try {
    await draft.adopt().catch((error) => console.warn("what was left behind waits:", error.message));
    if (draft.pending !== null) await load(draft.pending);
    else {
      const answer = await fetch(lab.dataset.notebook, { cache: "no-store" });
      if (!answer.ok) throw new Error(`the source was answered with ${answer.status}`);
      await load(await answer.text());
      draft.version = answer.headers.get("ETag").replaceAll(/^W\/|"/g, "");
      say(savedBefore ? "Saved" : "Ready", savedBefore ? { text: savedBefore } : {}, { quiet: true });
    }
    known = await bridge.snapshot(limit);
    isOpen = true;
    menus.ready();
    await cells.refresh();
  } catch (error) {
    console.warn("source not opened:", error.message);
    say("Silent");
  }
}

async function changed() {
  try {
    const text = await bridge.snapshot(limit);
    if (!text) return sayRefused();
    if (text !== known) await draft.change(text);
    known = text;
    await cells.refresh();
  } catch (error) {
    console.warn("no snapshot:", error.message);
  }
}

const EVENTS = {
  ready: open,
  changed,
  active: () => isOpen && cells.refresh().catch((error) => console.warn("cells not shown:", error.message)),
};

/* Whether the academy has all that the notebook holds now. */
async function isSaved() {
  await changed();
  const until = Date.now() + SAVING_MS;
  while (draft.pending !== null && other === null && Date.now() < until) {
    await draft.flush();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return draft.pending === null && other === null;
}

async function sendOn(event, act) {
  if (!isOpen) return;
  event.preventDefault();
  if (await isSaved()) act();
  else if (other === null) say("NotSent");
}

/* Another window or author may save while this page only shows; both are told, whoever writes next. */
async function look() {
  if (!isOpen || document.hidden || draft.pending !== null || other !== null) return;
  const answer = await fetch(lab.dataset.newest, { cache: "no-store", headers: { "X-Draft-Writers": writers.join(" ") } });
  if (answer.status !== 200) return;
  const newest = await answer.json();
  if (newest.version !== draft.version && draft.pending === null) sayElsewhere(newest);
}

async function keepMine() {
  draft.version = other.version;
  other = null;
  if (draft.pending === null) await draft.change(await bridge.snapshot(limit));
  await draft.keepMine();
}

choice.addEventListener("click", (event) => {
  const kept = event.target.dataset.keep;
  if (!kept) return;
  choice.hidden = true;
  if (kept === "mine") keepMine();
  else draft.abandon().then(() => location.reload());
});

checkForm.addEventListener("submit", (event) =>
  sendOn(event, () => {
    checkForm.elements.version.value = draft.version;
    checkForm.submit();
  }),
);
preview.addEventListener("click", (event) => sendOn(event, () => location.assign(preview.href)));
window.addEventListener("online", () => draft.flush());
window.addEventListener("blur", () => draft.flush());
window.addEventListener("pagehide", () => draft.leave());
document.addEventListener("visibilitychange", () => draft.flush());
setInterval(() => look().catch(() => undefined), LOOK_MS);

window.addEventListener("beforeunload", (event) => {
  if (draft.pending !== null && !draft.isKept) event.preventDefault();
});

say("Opening");
const silence = setTimeout(() => say("Silent"), READY_MS);
frame.hidden = false;
frame.src = frame.dataset.address;
