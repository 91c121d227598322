/* The first steps in a notebook: a list whose steps are done in the notebook itself, and which notices that they were.

   The academy remembers that they were ended; until it has heard so this browser does, and also how far they got. */
import { endFirstSteps } from "./portal.js";

const section = document.getElementById("first-steps");
const opener = document.getElementById("first-steps-open");
const next = document.getElementById("first-steps-next");
const steps = [...section.querySelectorAll("li")];

/* The browser may keep nothing for us; then the steps begin anew with each page, until the academy has heard. */
function remembered(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    return {};
  }
}

function remember(key, state) {
  try {
    localStorage.setItem(key, JSON.stringify(state));
  } catch {
    // See above.
  }
}

function mark(id, isMarked) {
  if (id) document.getElementById(id).classList.toggle("first-steps-target", isMarked);
}

export class FirstSteps {
  #at = 0;
  #before = null;

  /* sources: reads what stands in the cells. */
  constructor(person, sources) {
    this.sources = sources;
    this.key = `first-steps-${person}`;
    opener.hidden = false;
    opener.addEventListener("click", () => (section.hidden ? this.#begin() : this.#end()));
    next.addEventListener("click", () => this.#go(this.#at + 1));
    document.getElementById("first-steps-end").addEventListener("click", () => this.#end());
    window.addEventListener("online", () => this.#tell());
    const { at, ended } = remembered(this.key);
    if ("new" in section.dataset && !ended) this.#show(at in steps ? at : 0);
    else this.#tell();
  }

  /* What the trainee just did: "run", "restart" or "check". */
  async did(what) {
    if (section.hidden) return;
    const { by } = steps[this.#at].dataset;
    if (by === what) this.#go(this.#at + 1);
    else if (by === "change" && what === "run") await this.#compare();
  }

  async #compare() {
    const at = this.#at;
    const now = await this.sources().catch(() => null);
    if (now === null || at !== this.#at) return;
    if (this.#before === null) this.#before = now;
    else if (this.#before !== now) this.#go(at + 1);
  }

  #begin() {
    this.#show(0);
    section.querySelector("h2").focus();
  }

  #go(at) {
    if (!(at in steps)) return this.#end();
    this.#show(at);
    document.getElementById("first-steps-said").textContent = steps[at].textContent;
    return remember(this.key, { ...remembered(this.key), at });
  }

  #show(at) {
    mark(steps[this.#at].dataset.target, false);
    this.#at = at;
    this.#before = null;
    section.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    steps.forEach((step, number) => {
      step.classList.toggle("step-done", number < at);
      if (number === at) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    });
    mark(steps[at].dataset.target, true);
    next.textContent = at + 1 in steps ? next.dataset.textNext : next.dataset.textLast;
    if (steps[at].dataset.by === "change") this.sources().then((text) => (this.#before ??= text), () => undefined);
  }

  #end() {
    mark(steps[this.#at].dataset.target, false);
    section.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    opener.focus();
    remember(this.key, { ended: true });
    this.#tell();
  }

  /* Until the academy has heard that the steps were ended. */
  async #tell() {
    if (!("new" in section.dataset) || !remembered(this.key).ended) return;
    const answer = await endFirstSteps(section.dataset.address).catch(() => null);
    if (answer?.ok) delete section.dataset.new;
  }
}
