/* The notebook lab: opens the trainee's notebook in the frame, saves it while they work, and submits it. */
import { Beside } from "./beside.js";
import { CheckBar } from "./checkbar.js";
import { Contact } from "./contact.js";
import { listenToAnswers, noteRun } from "./curiosity.js";
import { FirstSteps } from "./firststeps.js";
import { HandedIn } from "./handedin.js";
import { keptAt, refreshNotebook } from "./kept.js";
import { isSaid, lab, say, texts } from "./labstatus.js";
import { NotebookPage } from "./notebookpage.js";
import { dropSubmission, isTaken, keepSubmission } from "./outbox.js";
import { deliver } from "./postman.js";
import { randomKey, renewToken, setHidden, submitNotebook } from "./portal.js";

const form = document.getElementById("lab-submit");
const button = document.getElementById("lab-submit-button");
const reset = document.getElementById("lab-reset");
const problem = document.getElementById("lab-problem");

const page = new NotebookPage(
  {
    opened: async () => {
      checkBar.enable();
      button.disabled = "closed" in button.dataset;
      await handedIn.look();
      if (handedIn.isWaiting) await saySubmittedHere();
    },
    changed: (text) => draft.change(text),
    saved: ({ contact, text, version }) => {
      clock.renew(contact);
      lookAtSubmissions();
      refreshNotebook(lab.dataset.draft, text, version).catch((error) => console.warn("kept copy stays:", error.message));
    },
    isHandedIn: (text) => handedIn.newest?.text === text,
    elsewhere: ({ saved }) => say("Elsewhere", { time: saved }),
    keepOther: ({ aside }) => beside.chose(aside),
    keepMine: (version) => draft.keepMine(version),
    events: { executed: ran, kernel: kernelIs },
  },
  { isKept: Boolean(keptAt) },
);
const { bridge, draft, person } = page;
const handedIn = new HandedIn(person, form.action);
const clock = new Contact(lab.dataset.contact, keptAt);
const beside = new Beside(person);
const firstSteps = new FirstSteps(person, () => bridge.sources());
const checkBar = new CheckBar(bridge, () => firstSteps.did("check"));

function ran({ code }) {
  firstSteps.did("run");
  noteRun(person, code, clock.now()).catch((error) => console.warn("not noted:", error.message));
  checkBar.ran();
}

function kernelIs({ status }) {
  if (status === "restarting") firstSteps.did("restart");
}

const saySubmittedHere = () => page.sayWaiting("SubmittedHere", () => handedIn.isWaiting);

/* One that waited may have arrived, or was not taken. */
async function lookAtSubmissions() {
  await handedIn.look();
  if (!isSaid("SubmittedHere")) return;
  if (handedIn.isWaiting) await saySubmittedHere();
  else say(handedIn.standing === "SubmissionNotTaken" ? "SubmissionNotTaken" : "SubmittedNow");
}

/* The same content again keeps its key, so that pressing twice gives one submission, also in two pages without a link. */
const lastSubmission = { text: null, key: "", said: {} };

function noteSubmission(text) {
  if (text === lastSubmission.text) return;
  const said = clock.now();
  const waiting = handedIn.newest;
  const isAgain = waiting?.text === text;
  Object.assign(lastSubmission, { text, key: isAgain ? waiting.key : randomKey(), said: isAgain ? waiting.said : said });
}

async function submit(event) {
  event.preventDefault();
  if (!page.isOpen) return;
  say("Submitting");
  problem.replaceChildren();
  button.disabled = true;
  try {
    const text = await page.read();
    if (text) await sendSubmission(text);
  } catch (error) {
    console.warn("not submitted:", error.message);
    say("NotSubmitted");
  } finally {
    button.disabled = false;
    delete form.dataset.sending;
  }
}

async function sendSubmission(text) {
  await handedIn.look();
  noteSubmission(text);
  // Kept first: if the link breaks before the answer, the next page sends it, with the moment of the click.
  const kept = { person, address: form.action, ...lastSubmission, page: location.pathname };
  const isKept = await isTaken(keepSubmission(kept));
  if (draft.pending !== null) await draft.flush();
  // What waits was handed in before, and arrives before.
  if (isKept && handedIn.isBefore(kept)) return waitForLink();
  let answer;
  try {
    answer = await submitNotebook(kept);
  } catch (error) {
    if (!isKept) throw error;
    return waitForLink();
  }
  return settleSubmission(answer, kept, isKept);
}

async function waitForLink() {
  await handedIn.look();
  await saySubmittedHere();
  deliver();
}

async function settleSubmission(answer, kept, isKept) {
  if (answer.ok && answer.redirected) {
    await dropSubmission(kept);
    if (draft.pending === kept.text) await draft.abandon();
    return location.assign(answer.url);
  }
  const isSignedOut = [400, 401].includes(answer.status);
  if (isSignedOut || answer.status >= 500) {
    const isKnown = !isSignedOut || (await renewToken());
    if (!isKept) return say("NotSubmitted");
    return isKnown ? waitForLink() : page.sayWaiting("SignedOut");
  }
  await dropSubmission(kept);
  handedIn.forget(kept);
  const refusal = new DOMParser().parseFromString(await answer.text(), "text/html");
  problem.replaceChildren(...refusal.body.childNodes);
  return say("Blocked", { text: "" });
}

/* What was written last would else come after the original, as a change from elsewhere. */
async function startAgain(event) {
  event.preventDefault();
  if (await page.putAway()) return reset.submit();
  const sentence = Object.assign(document.createElement("p"), { className: "notice", textContent: texts("NotReset") });
  return problem.replaceChildren(sentence);
}

// A kept page is opened more than once; what is sent from it each time is an attempt of its own.
if (keptAt) for (const field of document.querySelectorAll("form input[name=key]")) setHidden(field, randomKey());
button.hidden = false;
form.addEventListener("submit", submit);
document.addEventListener("hunar:submitted", lookAtSubmissions);
document.addEventListener("hunar:refused", lookAtSubmissions);
reset.addEventListener("submit", startAgain);

// So that the browser does not clear what waits when room gets short; some ask the person.
navigator.storage?.persist?.();
page.start();
listenToAnswers(person, clock);
