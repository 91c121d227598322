/* Sends what an earlier page left behind: on every page of the portal, as soon as there is a link. */
import { alone, countWaiting, dropDraft, dropSubmission, keepSubmission, leftBehind, submissionsOf } from "./outbox.js";
import { refreshNotebook } from "./kept.js";
import { keepAside, renewToken, saveDraft, submitForm, submitNotebook } from "./portal.js";

const RETRY_MS = 30000;
const notice = document.getElementById("outbox");
const person = notice.dataset.person;

/* On the page of a lab its drafts are opened and not sent. */
const openLab = document.getElementById("lab")?.dataset.draft;

const isRefused = (status) => [403, 404, 409, 413, 422].includes(status);

function show(text, address) {
  const link = Object.assign(document.createElement("a"), { href: address, textContent: text });
  notice.replaceChildren(link);
  notice.hidden = false;
}

/* Whether all went out. The link or the portal may be gone, or the session over. */
async function sendDraft(draft) {
  let answer = await saveDraft(draft);
  const isAside = answer.status === 412;
  if (isAside) answer = await keepAside(draft);
  // What is refused opens again with its lab.
  if (answer.ok) await dropDraft(draft);
  if (answer.ok && !isAside) await refreshNotebook(draft.address, draft.text, (await answer.json()).version);
  return answer.ok || isRefused(answer.status);
}

async function sendSubmission(submission) {
  const answer = await (submission.fields ? submitForm(submission) : submitNotebook(submission));
  if (answer.ok && answer.redirected) {
    await dropSubmission(submission);
    show(notice.dataset.textArrived, answer.url);
    return true;
  }
  if (!isRefused(answer.status)) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  await keepSubmission({ ...submission, reason: (page.querySelector(".error-summary") ?? page.body).textContent.trim() || notice.dataset.textRefused });
  show(notice.dataset.textRefused, submission.page);
  return true;
}

async function sendAll() {
  const drafts = (await leftBehind(person)).filter((draft) => draft.address !== openLab);
  for (const draft of drafts) if (!(await sendDraft(draft))) return false;
  const submissions = (await submissionsOf(person)).filter((submission) => !submission.reason);
  for (const submission of submissions) if (!(await sendSubmission(submission))) return false;
  return true;
}

let timer = 0;

export async function deliver() {
  clearTimeout(timer);
  let isDone = false;
  try {
    isDone = (await alone(async () => (await sendAll()) || ((await renewToken()) && (await sendAll())))) !== false;
  } catch {
    // No link: what waits stays where it is.
  }
  if (!isDone) timer = setTimeout(deliver, RETRY_MS);
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

window.addEventListener("online", deliver);
deliver();
