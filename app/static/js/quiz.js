/* The answers of a quiz: sent at once, or, where there is no link, kept on this computer until there is one. */
import { keptAt } from "./kept.js";
import { dropSubmission, isTaken, keepSubmission, submissionsOf } from "./outbox.js";
import { deliver } from "./postman.js";
import { randomKey, renewToken, setHidden, submitForm } from "./portal.js";
import { showRefused as showList } from "./refused.js";

const form = document.getElementById("quiz");
const status = document.getElementById("quiz-status");
const person = document.getElementById("outbox").dataset.person;
// A kept page is opened more than once; each time is an attempt of its own.
const key = keptAt ? randomKey() : form.elements.key.value;

function say(name) {
  status.dataset.state = name;
  status.textContent = form.dataset[`text${name}`];
}

const answers = () => [...new FormData(form)].filter(([name]) => !["csrf_token", "key"].includes(name));

const isComplete = () => {
  const named = new Set(answers().filter(([, value]) => value.trim()).map(([name]) => name));
  return [...form.querySelectorAll("fieldset")].every(({ id }) => named.has(id.replace(/^item-/, "")));
};

function wait(state) {
  form.querySelector("button[type=submit]").disabled = true;
  say(state);
  deliver();
}

async function settle(answer, submission, isKept) {
  if (answer.ok && answer.redirected) {
    await dropSubmission(submission);
    return location.assign(answer.url);
  }
  const isGone = answer.status >= 500;
  const isSignedOut = [400, 401].includes(answer.status) && !(await renewToken());
  if (isGone || isSignedOut) return isKept ? wait(isGone ? "Waiting" : "SignedOut") : say("NotKept");
  // The academy says on its own page what is missing, or takes it now.
  await dropSubmission(submission);
  setHidden(form.elements.key, key);
  return form.submit();
}

async function send(event) {
  event.preventDefault();
  const submission = { person, key, address: form.action, page: location.pathname, fields: answers() };
  const isKept = await isTaken(keepSubmission(submission));
  try {
    await settle(await submitForm(submission), submission, isKept);
  } catch {
    if (isKept && isComplete()) return wait("Waiting");
    if (isKept) await dropSubmission(submission);
    return say(isComplete() ? "NotKept" : "Incomplete");
  }
  return undefined;
}

function refill([name, value]) {
  for (const input of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (["radio", "checkbox"].includes(input.type)) input.checked ||= input.value === value;
    else input.value = value;
  }
}

const isUntouched = () => answers().every(([, value]) => !value.trim());

/* What was sent later and not taken: why, with the answers as they were. Those of one attempt, where the form holds no others;
   the rest stays on the list of what was not taken (refused.js). */
async function showRefused() {
  const refused = (await submissionsOf(person)).filter(({ address, reason }) => address === form.action && reason);
  const submission = refused.find((each) => each.key === key) ?? (isUntouched() ? refused.at(-1) : undefined);
  if (submission) {
    submission.fields.forEach(refill);
    status.dataset.state = "Refused";
    status.textContent = submission.reason;
    form.querySelector("button[type=submit]").disabled = false;
    await dropSubmission(submission);
  }
  await showList();
}

async function lookWhetherArrived() {
  const isAwaited = ["Waiting", "SignedOut"].includes(status.dataset.state);
  if (isAwaited && !(await submissionsOf(person)).some((each) => each.key === key)) say("Arrived");
}

form.addEventListener("submit", send);
document.addEventListener("hunar:submitted", lookWhetherArrived);
document.addEventListener("hunar:refused", showRefused);
showRefused().catch(() => undefined);
