/* The notebook lab: opens the trainee's notebook in the frame, saves it while they work, and submits it. */
import { Bridge } from "./bridge.js";
import { CheckBar } from "./checkbar.js";
import { Contact } from "./contact.js";
import { listenToAnswers, noteRun } from "./curiosity.js";
import { Draft } from "./draft.js";
import { FirstSteps } from "./firststeps.js";
import { keptAt, refreshNotebook } from "./kept.js";
import { lab, say, texts } from "./labstatus.js";
import { Menus } from "./menus.js";
import { countWaiting, dropSubmission, isTaken, keepSubmission } from "./outbox.js";
import { deliver } from "./postman.js";
import { randomKey, renewToken, submitNotebook } from "./portal.js";

const READY_MS = 90000;

const frame = document.getElementById("lab-frame");
const form = document.getElementById("lab-submit");
const choice = document.getElementById("lab-choice");
const problem = document.getElementById("lab-problem");
const person = document.getElementById("outbox").dataset.person;
const limit = Number(lab.dataset.limitBytes);
const sayRefused = (reason) => say("Refused", { reason: reason || texts("TooLarge") });

const sayWaiting = async (name) => say(name, { count: await countWaiting(person).catch(() => 1) });

const SAYINGS = {
  kept: () => say(draft.isKept ? "Kept" : "NotKept", {}, { quiet: true }),
  saved: ({ saved, contact, text, version }) => {
    clock.renew(contact);
    refreshNotebook(lab.dataset.draft, text, version).catch((error) => console.warn("kept copy stays:", error.message));
    say("Saved", { time: saved }, { quiet: true });
  },
  offline: () => sayWaiting("Offline"),
  signedOut: () => sayWaiting("SignedOut"),
  refused: ({ reason }) => sayRefused(reason),
  elsewhere: ({ saved }) => {
    say("Elsewhere", { time: saved });
    choice.hidden = false;
  },
  bothKept: ({ compare }) => Object.assign(choice.querySelector("a"), { href: compare, hidden: false }),
};

const clock = new Contact(lab.dataset.contact, keptAt);
const draft = new Draft({
  person,
  address: lab.dataset.draft,
  seconds: Number(lab.dataset.draftSeconds),
  renew: renewToken,
  tell: (what, facts) => SAYINGS[what](facts),
});
const bridge = new Bridge(frame, lab.dataset.origin, (name, message) => EVENTS[name]?.(message));
const firstSteps = new FirstSteps(person, () => bridge.sources());
const menus = new Menus(bridge);
const checkBar = new CheckBar(bridge, () => firstSteps.did("check"));
let isOpen = false;
let silence = 0;
const savedBefore = keptAt ? "" : document.getElementById("lab-status").textContent;

async function currentNotebook() {
  const answer = await fetch(lab.dataset.notebook, { cache: "no-store" });
  if (!answer.ok) throw new Error(`the notebook was answered with ${answer.status}`);
  return { text: await answer.text(), version: answer.headers.get("ETag").replaceAll(/^W\/|"/g, "") };
}

/* Also after the frame was reloaded: what is not yet saved goes before what the server has. */
async function open() {
  clearTimeout(silence);
  const { path, name } = lab.dataset;
  const explanations = JSON.parse(lab.dataset.explanations);
  const load = (text) => bridge.call("load", { path, name, explanations, notebook: JSON.parse(text) });
  try {
    await draft.adopt().catch((error) => console.warn("what was left behind waits:", error.message));
    if (draft.pending !== null) await load(draft.pending);
    else {
      const { text, version } = await currentNotebook();
      await load(text);
      draft.version = version;
      say(savedBefore ? "Saved" : "Ready", savedBefore ? { text: savedBefore } : {}, { quiet: true });
    }
    isOpen = true;
    checkBar.enable();
    menus.ready();
  } catch (error) {
    console.warn("notebook not opened:", error.message);
    say("Silent");
  }
}

async function changed() {
  try {
    const text = await bridge.snapshot(limit);
    if (text) await draft.change(text);
    else sayRefused();
  } catch (error) {
    console.warn("no snapshot:", error.message);
  }
}

function ran({ code }) {
  firstSteps.did("run");
  noteRun(person, code, clock.now()).catch((error) => console.warn("not noted:", error.message));
  checkBar.ran();
}

function kernelIs({ status }) {
  if (status === "restarting") firstSteps.did("restart");
}

const EVENTS = { ready: open, changed, executed: ran, kernel: kernelIs };

/* The same content again keeps its key, so that pressing twice gives one submission. */
const lastSubmission = { text: null, key: "", said: {} };

async function submit(event) {
  if (!isOpen) return;
  event.preventDefault();
  say("Submitting");
  problem.replaceChildren();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    await sendSubmission(await bridge.snapshot(limit));
  } catch (error) {
    console.warn("not submitted:", error.message);
    say("NotSubmitted");
  } finally {
    button.disabled = false;
    delete form.dataset.sending;
  }
}

async function sendSubmission(text) {
  if (!text) return sayRefused();
  if (text !== lastSubmission.text) Object.assign(lastSubmission, { text, key: randomKey(), said: clock.now() });
  // Kept first: if the link breaks before the answer, the next page sends it, with the moment of the click.
  const kept = { person, address: form.action, ...lastSubmission, page: location.pathname };
  const isKept = await isTaken(keepSubmission(kept));
  if (draft.pending !== null) await draft.flush();
  let answer;
  try {
    answer = await submitNotebook(kept);
  } catch (error) {
    if (!isKept) throw error;
    return waitForLink();
  }
  return settleSubmission(answer, kept);
}

function waitForLink() {
  deliver();
  return sayWaiting("SubmittedHere");
}

async function settleSubmission(answer, kept) {
  if (answer.ok && answer.redirected) {
    await dropSubmission(kept);
    if (draft.pending === kept.text) await draft.abandon();
    return location.assign(answer.url);
  }
  if (answer.status >= 500) return waitForLink();
  if ([400, 401].includes(answer.status)) return (await renewToken()) ? say("NotSubmitted") : sayWaiting("SignedOut");
  await dropSubmission(kept);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  problem.replaceChildren(...page.body.childNodes);
  return say("Blocked", { text: "" });
}

choice.addEventListener("click", (event) => {
  const kept = event.target.dataset.keep;
  if (!kept) return;
  choice.hidden = true;
  if (kept === "mine") draft.keepMine();
  else draft.abandon().then(() => location.reload());
});

form.addEventListener("submit", submit);
window.addEventListener("online", () => draft.flush());
window.addEventListener("blur", () => draft.flush());
window.addEventListener("pagehide", () => draft.leave());
document.addEventListener("visibilitychange", () => draft.flush());

window.addEventListener("beforeunload", (event) => {
  if (draft.pending !== null && !draft.isKept) event.preventDefault();
});

// So that the browser does not clear what waits when room gets short; some ask the person.
navigator.storage?.persist?.();
say("Opening");
silence = setTimeout(() => say("Silent"), READY_MS);
frame.hidden = false;
frame.src = frame.dataset.address;
listenToAnswers(person, clock);
