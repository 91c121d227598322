/* Sends what an earlier page left behind: on every page of the portal, as soon as there is a link. */
import { putKept, refreshNotebook } from "./kept.js";
import {
  alone,
  countWaiting,
  dropDraft,
  dropRunCells,
  dropSubmission,
  leftBehind,
  noteReason,
  playsOf,
  runCellsOf,
  settlePlay,
  submissionsOf,
} from "./outbox.js";
import {
  isRefused,
  keepAside,
  noteRunCells,
  renewToken,
  saveDraft,
  sendPlay,
  submitForm,
  submitNotebook,
  wordsOf,
} from "./portal.js";

const RETRY_MS = 30000;
const MOST_CELLS = 50;
const notice = document.getElementById("outbox");
const person = notice.dataset.person;

/* On the page of a lab its drafts are opened and not sent, but for those that their writer decided against. */
const openLab = document.getElementById("lab")?.dataset.draft;

function show(text, address) {
  const line = document.createElement("div");
  line.append(Object.assign(document.createElement("a"), { href: address, textContent: text }));
  const others = [...notice.children].filter(({ firstChild }) => firstChild.getAttribute("href") !== address);
  notice.replaceChildren(...others, line);
  notice.hidden = false;
}

/* What goes beside a newer version is in no notebook that the person opens. */
export const showBeside = ({ compare }) => show(notice.dataset.textBeside, compare);

/* It waits for the person, who is shown it with the reason (refused.js). */
async function setAside(store, thing, answer) {
  await noteReason(store, thing, (await wordsOf(answer)) || notice.dataset.textNoReason);
  document.dispatchEvent(new CustomEvent("hunar:refused"));
  return true;
}

/* Whether all went out. The link or the portal may be gone, or the session over. */
async function sendDraft(draft) {
  let answer = draft.isApart ? await keepAside(draft) : await saveDraft(draft);
  const isAside = draft.isApart || answer.status === 412;
  if (answer.status === 412) answer = await keepAside(draft);
  if (isRefused(answer.status)) return setAside("drafts", draft, answer);
  if (!answer.ok) return false;
  await dropDraft(draft);
  const saved = await answer.json();
  if (isAside) showBeside(saved);
  else await refreshNotebook(draft.address, draft.text, saved.version);
  return true;
}

async function sendSubmission(submission) {
  const answer = await (submission.fields ? submitForm(submission) : submitNotebook(submission));
  if (answer.ok && answer.redirected) {
    await dropSubmission(submission);
    show(notice.dataset.textArrived, answer.url);
    document.dispatchEvent(new CustomEvent("hunar:submitted"));
    return true;
  }
  return isRefused(answer.status) && setAside("submissions", submission, answer);
}

/* What was played is taken over, or laid aside by the academy with its reason; either way it need not wait here. */
async function deliverPlay(play) {
  const answer = await sendPlay(play);
  if (isRefused(answer.status)) return setAside("plays", play, answer);
  if (!answer.ok) return false;
  const { run, is_taken: isTaken, address } = await answer.json();
  await putKept(play.runAddress, run);
  await settlePlay(play, isTaken ? run.events.length : play.base);
  show(isTaken ? notice.dataset.textPlayed : notice.dataset.textAside, isTaken ? address : `${play.page}#asides`);
  document.dispatchEvent(new CustomEvent("hunar:played"));
  return true;
}

/* Cells of one lab; what is refused was run without consent, or is too old to count, and is forgotten. */
async function sendRunCells(address, cells) {
  const some = cells.filter((cell) => cell.address === address).slice(0, MOST_CELLS);
  const answer = await noteRunCells(address, some);
  const isSettled = answer.ok || isRefused(answer.status);
  if (isSettled) await dropRunCells(some);
  return isSettled;
}

async function sendAllRunCells() {
  for (let cells = await runCellsOf(person); cells.length > 0; cells = await runCellsOf(person)) {
    if (!(await sendRunCells(cells[0].address, cells))) return false;
  }
  return true;
}

async function sendAll() {
  const drafts = (await leftBehind(person)).filter(
    ({ address, isApart, reason }) => (address !== openLab || isApart) && !reason,
  );
  for (const draft of drafts) if (!(await sendDraft(draft))) return false;
  const submissions = (await submissionsOf(person)).filter((submission) => !submission.reason);
  for (const submission of submissions) if (!(await sendSubmission(submission))) return false;
  const plays = (await playsOf(person)).filter((play) => !play.reason);
  for (const play of plays) if (!(await deliverPlay(play))) return false;
  return sendAllRunCells();
}

let timer = 0;

let underWay = null;
let next = null;

/* What came to wait during one round goes in the next. */
export function deliver() {
  if (underWay) {
    next ??= underWay.then(() => {
      next = null;
      return deliver();
    });
    return next;
  }
  underWay = deliverOnce().finally(() => (underWay = null));
  return underWay;
}

async function deliverOnce() {
  clearTimeout(timer);
  let isDone = false;
  try {
    isDone = (await alone(async () => (await sendAll()) || ((await renewToken()) && (await sendAll())))) === true;
  } catch {
    // No link: what waits stays where it is.
  }
  // A page that was closed a moment ago may still hold what it wrote.
  if (!isDone || (await countWaiting(person).catch(() => 0)) > 0) timer = setTimeout(deliver, RETRY_MS);
}

/* Signing out leaves what waits on this computer; the person should know before. */
let isWarned = false;
document.getElementById("sign-out").addEventListener("submit", async (event) => {
  if (isWarned) return;
  event.preventDefault();
  const form = event.target;
  const count = await countWaiting(person).catch(() => 0);
  if (count === 0) return form.submit();
  isWarned = true;
  const warning = document.getElementById("sign-out-warning");
  warning.textContent = warning.dataset.text.replace("{count}", count);
  warning.hidden = false;
  return warning.focus();
});

/* The academy begins anew from its newest version: what waits has to be in it, or would come after it as a change from
   elsewhere. */
for (const form of document.querySelectorAll("form[data-after-outbox]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    form.querySelector("[data-sending-first]").hidden = false;
    await deliver();
    form.submit();
  });
}

window.addEventListener("online", deliver);
deliver();
