/* What the academy did not take stays on this device, with the reason, until the person tries again or takes it away as a
   file. A quiz takes the answers of one attempt into its form (quiz.js) and then has the list shown; a lab opens its draft
   (draft.js), unless its writer decided against it. */
import { dropRefused, noteReason, refusedOf } from "./outbox.js";
import { deliver } from "./postman.js";

const panel = document.getElementById("refused");
const list = panel.querySelector("ul");
const person = document.getElementById("outbox").dataset.person;
const openLab = document.getElementById("lab")?.dataset.draft;

const KINDS = { drafts: "Draft", submissions: "Submission", plays: "Play" };
const kindOf = ({ store, fields }) => (fields ? "Answers" : KINDS[store]);
const isShownByPage = ({ store, address, isApart }) => store === "drafts" && address === openLab && !isApart;
const pageOf = ({ page, store, address }) => (store === "drafts" ? address.replace(/\/draft$/, "") : page);

/* A notebook as Jupyter opens it; everything else as the academy would have been sent it. */
function fileOf({ text, fields, number, scenario_digest, base, done, ...thing }) {
  const name = pageOf(thing).split("/").slice(-2).join("-");
  if (text) return new File([text], `${name}.ipynb`, { type: "application/x-ipynb+json" });
  const content = fields ? { fields } : { number, scenario_digest, base, done };
  return new File([JSON.stringify(content, null, 2)], `${name}.json`, { type: "application/json" });
}

function save(file) {
  const href = URL.createObjectURL(file);
  Object.assign(document.createElement("a"), { href, download: file.name }).click();
  URL.revokeObjectURL(href);
}

const ACTIONS = {
  async again({ store, ...thing }) {
    await noteReason(store, thing, "");
    await deliver();
    await showRefused();
  },
  /* To drop it is offered only then: a browser may have stopped the file. */
  download(thing, item) {
    save(fileOf(thing));
    item.querySelector("[data-do=drop]").hidden = false;
  },
  async drop(thing) {
    await dropRefused(thing);
    await showRefused();
  },
};

function itemFor(thing) {
  const item = panel.querySelector("template").content.cloneNode(true).firstElementChild;
  Object.assign(item.querySelector("a"), { href: pageOf(thing), textContent: panel.dataset[`text${kindOf(thing)}`] });
  item.querySelector("[data-reason]").textContent = thing.reason;
  item.addEventListener("click", ({ target }) => ACTIONS[target.dataset.do]?.(thing, item));
  return item;
}

export async function showRefused() {
  const hadFocus = panel.contains(document.activeElement);
  const refused = (await refusedOf(person)).filter((thing) => !isShownByPage(thing));
  list.replaceChildren(...refused.map(itemFor));
  panel.hidden = refused.length === 0;
  if (hadFocus) (panel.hidden ? document.getElementById("content") : panel).focus();
}

// A quiz looks first what it takes into its form.
if (!document.getElementById("quiz")) {
  document.addEventListener("hunar:refused", showRefused);
  showRefused().catch(() => undefined);
}
