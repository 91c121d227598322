/* Where the desk of a simulation is opened without a link, this device plays: Python in a worker answers to each form, and
   what was done waits in the outbox. With a link it keeps what the device would go on from up to date. */
import { attend } from "./desk.js";
import { keptAt, readKept } from "./kept.js";
import { keepPlay, playOf } from "./outbox.js";
import { deliver } from "./postman.js";
import { worker as serviceWorker } from "./worker.js";

const notice = document.getElementById("device");
const desk = document.getElementById("desk");
const person = document.getElementById("outbox").dataset.person;
const { run: runAddress, played: address, runtime } = notice.dataset;
const language = document.documentElement.lang;

function say(name, facts = {}) {
  notice.dataset.state = name;
  notice.textContent = notice.dataset[`text${name}`].replace(/\{(\w+)\}/g, (_whole, fact) => facts[fact]);
  notice.hidden = false;
}

let python = null;
let count = 0;

function ask(question) {
  python ??= new Worker(notice.dataset.worker);
  const id = ++count;
  return new Promise((resolve, reject) => {
    const hear = ({ data }) => {
      if (data.id !== id) return;
      python.removeEventListener("message", hear);
      if (data.error) reject(new Error(data.error));
      else resolve(data.answer);
    };
    python.addEventListener("message", hear);
    python.addEventListener("error", ({ message }) => reject(new Error(message)), { once: true });
    python.postMessage({ id, runtime, question });
  });
}

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  desk.replaceChildren(...page.body.childNodes);
  attend(desk);
}

function focusOnNews() {
  const heading = desk.querySelector("h1");
  heading.tabIndex = -1;
  (desk.querySelector("[data-focus]") ?? heading).focus();
}

/* One thing that the trainee does ("" only shows): Python takes or refuses it, and what it took is kept before it shows. */
async function act(kind, form) {
  const run = await readKept(runAddress);
  const play = (await playOf(person, address)) ?? {
    ...{ person, address, runAddress, page: location.pathname },
    ...{ number: run.number, seed: run.seed, scenario_digest: run.scenario_digest, base: run.events.length, done: [] },
  };
  const answer = await ask({ run, language, act: kind, form, done: play.done.map(({ at: _at, ...done }) => done) });
  if (answer.is_outdated) return say("Outdated");
  const done = answer.done ? [...play.done, { ...answer.done, at: Date.now() }] : play.done;
  if (answer.done) await keepPlay({ ...play, done, reason: undefined });
  show(answer.html);
  if (done.length > 0) say("Waiting", { count: done.length });
  else say("Playing");
  if (answer.done) deliver();
  return undefined;
}

const isOfStore = (error) => ["QuotaExceededError", "InvalidStateError", "UnknownError"].includes(error.name);

async function step(kind, form) {
  desk.inert = true;
  try {
    await act(kind, form);
  } catch (error) {
    console.warn("not played:", error.message);
    say(isOfStore(error) ? "NotKept" : "Broken");
  } finally {
    desk.inert = false;
  }
  if (kind) focusOnNews();
}

const fieldsOf = (form, button) =>
  Object.fromEntries([...new FormData(form), ...(button?.name ? [[button.name, button.value]] : [])]);

function play() {
  say("Starting");
  desk.addEventListener("submit", (event) => {
    event.preventDefault();
    const { target: form, submitter } = event;
    step(form.dataset.act, fieldsOf(form, submitter));
  });
  return step("", {});
}

/* What was played without a link may be on its way: the page is shown anew with it. */
async function followAcademy() {
  document.addEventListener("hunar:played", () => location.reload());
  if (!(await readKept(runAddress)) || (await playOf(person, address))) return;
  await serviceWorker?.messageSW({ type: "KEEP_PAGE", payload: { person, address: runAddress } });
}

if (keptAt) play();
else followAcademy().catch(() => undefined);
