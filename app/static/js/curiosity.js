/* The curiosity log: cells that are run wait with the drafts for a link, while the trainee agrees to it and no longer. */
import { dropRunCells, keepRunCell, runCellsOf } from "./outbox.js";
import { deliver } from "./postman.js";

const PAUSE_MS = 3000;
const LONGEST_CODE = 10000;
const section = () => document.getElementById("lab-curiosity");

let timer = 0;

/* said: when the cell was run; see contact.js. */
export async function noteRun(person, code, said) {
  const { dataset } = section();
  if (!("noted" in dataset) || typeof code !== "string" || code.length > LONGEST_CODE || !code.trim()) return;
  await keepRunCell({ person, address: dataset.address, code, ...said });
  clearTimeout(timer);
  timer = setTimeout(deliver, PAUSE_MS);
}

/* After an answer of the trainee: the clock starts with it, and what waits without consent is forgotten. */
export function listenToAnswers(person, clock) {
  document.addEventListener("htmx:load", async ({ target }) => {
    if (target.id !== "lab-curiosity") return;
    clock.renew(target.dataset.contact);
    if (!("noted" in target.dataset)) await dropRunCells(await runCellsOf(person));
  });
}
