/* The page on which a lab is written: its source in the frame, what each cell is beside it, every change saved. */
import { Cells } from "./cells.js";
import { lab, say } from "./labstatus.js";
import { NotebookPage } from "./notebookpage.js";
import { writers } from "./outbox.js";

const LOOK_MS = 15000;
const SAVING_MS = 20000;

const problems = document.getElementById("problems");
const checkForm = document.getElementById("lab-check-form");
const checkButton = checkForm.querySelector("button");
const preview = document.getElementById("lab-preview");

function showProblems(found) {
  problems.hidden = found.length === 0;
  const items = found.map(({ sentence }) => Object.assign(document.createElement("li"), { textContent: sentence }));
  problems.querySelector("ul").replaceChildren(...items);
}

/* The state of somebody else that the person was told of. */
let other = null;

const page = new NotebookPage({
  opened: async () => {
    for (const button of [checkButton, preview]) button.disabled = false;
    await showCells();
  },
  changed: async (text) => {
    await draft.change(text);
    await showCells();
  },
  saved: ({ problems: found }) => showProblems(found ?? []),
  elsewhere: (newest) => {
    other = newest;
    say("Elsewhere", { author: newest.author, time: newest.saved });
  },
  keepMine,
  events: {
    active: () => page.isOpen && showCells(),
  },
});
const { draft } = page;
const cells = new Cells(page.bridge);
const showCells = () => cells.refresh().catch((error) => console.warn("cells not shown:", error.message));

async function keepMine(version) {
  other = null;
  if (draft.pending === null) {
    const text = await page.read();
    if (!text) return;
    await draft.change(text);
  }
  await draft.keepMine(version);
}

/* Whether the academy has all that the notebook holds now; why not is said. */
async function isSaved() {
  if (!(await page.read())) return false;
  const until = Date.now() + SAVING_MS;
  while (draft.pending !== null && other === null && Date.now() < until) {
    await draft.flush();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const isAll = draft.pending === null && other === null;
  if (!isAll && other === null) say("NotSent");
  return isAll;
}

async function sendOn(act) {
  if (page.isOpen && (await isSaved())) act();
}

/* Another window or author may save while this page only shows; both are told, whoever writes next. */
async function look() {
  if (!page.isOpen || document.hidden || draft.pending !== null || other !== null) return;
  const answer = await fetch(lab.dataset.newest, { cache: "no-store", headers: { "X-Draft-Writers": writers.join(" ") } });
  if (answer.status !== 200) return;
  const newest = await answer.json();
  if (newest.version !== draft.version && draft.pending === null) page.offerChoice(newest);
}

for (const button of [checkButton, preview]) button.hidden = false;
checkForm.addEventListener("submit", (event) => {
  event.preventDefault();
  sendOn(() => {
    checkForm.elements.version.value = draft.version;
    checkForm.submit();
  });
});
preview.addEventListener("click", () => sendOn(() => location.assign(preview.dataset.address)));
setInterval(() => look().catch(() => undefined), LOOK_MS);
page.start();
