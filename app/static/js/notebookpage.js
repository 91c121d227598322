/* A page on which a notebook is written: opened in the frame, saved while somebody works, and what happens said above it. */
import { Arriving } from "./arriving.js";
import { Bridge } from "./bridge.js";
import { Draft } from "./draft.js";
import { lab, say, texts } from "./labstatus.js";
import { ownFiles } from "./ownfiles.js";
import { Menus } from "./menus.js";
import { countWaiting } from "./outbox.js";
import { renewToken } from "./portal.js";
import { showBeside } from "./postman.js";

const READY_MS = 90000;
/* What a submission has around its notebook. */
const FORM_BYTES = 4000;

/* What only one page does:

   opened(): the notebook is open, perhaps anew. changed(text): what it holds now, to be saved.
   isHandedIn(text): whether just this waits here to be handed in.
   saved(answer) and elsewhere(newest): what the academy said, see Draft. keepMine(version): goes on with what this page
   has, over this version of the academy. keepOther(kept): does not, and this is how it was kept.
   events: what it hears of the frame, by name. */
export class NotebookPage {
  isOpen = false;
  person = document.getElementById("outbox").dataset.person;
  #frame = document.getElementById("lab-frame");
  #choice = document.getElementById("lab-choice");
  #other = null;
  #kept = {};
  #limit = Number(lab.dataset.limitBytes) - FORM_BYTES;
  #withoutOutputs = document.getElementById("lab-without-outputs");
  /* Whether what the notebook holds could be read when it last changed. */
  #isHeld = true;
  #savedBefore;
  #silence = 0;
  #reading = Promise.resolve();
  #arriving = new Arriving();

  constructor(own, { isKept = false } = {}) {
    this.own = own;
    this.#savedBefore = isKept ? "" : document.getElementById("lab-status").textContent;
    this.draft = new Draft({
      person: this.person,
      address: lab.dataset.draft,
      seconds: Number(lab.dataset.draftSeconds),
      renew: renewToken,
      tell: (what, facts) => this.#sayings[what](facts),
    });
    this.bridge = new Bridge(this.#frame, lab.dataset.origin, (name, message) => this.#hear(name, message));
    this.menus = new Menus(this.bridge);
  }

  /* Open the notebook, and listen. */
  start() {
    this.#listen();
    say("Opening");
    this.#waitForAnswer();
    this.#frame.hidden = false;
    this.#frame.src = this.#frame.dataset.address;
  }

  /* The notebook as JSON text, without its outputs where they are too large; "" when it cannot be had, which is said.
     What could not be had before goes on its way with it, and what was written a moment ago. */
  async read() {
    const wasHeld = this.#isHeld;
    const text = await this.#snapshot({ announce: true });
    if (text && !wasHeld) await this.own.changed(text);
    await this.#reading;
    return text;
  }

  async #readChanged() {
    const text = await this.#snapshot();
    if (text) await this.own.changed(text);
  }

  /* The person goes on with another notebook than this page's: what runs is ended, nothing more is written, and the
     academy gets the last of it. Whether nothing of it waits any more; then nothing of it comes after it either. */
  async putAway() {
    this.#frame.inert = true;
    if (this.isOpen) await this.bridge.call("stop").catch((error) => console.warn("not stopped:", error.message));
    await this.#reading;
    const isAway = await this.draft.putAway();
    if (isAway) this.draft.end();
    else this.#frame.inert = false;
    return isAway;
  }

  async #snapshot(options) {
    try {
      const { text, isWhole } = await this.bridge.snapshot(this.#limit, options);
      this.#isHeld = text !== "";
      if (!this.#isHeld) this.sayRefused();
      else if (this.#withoutOutputs) this.#withoutOutputs.hidden = isWhole;
      return text;
    } catch (error) {
      console.warn("no snapshot:", error.message);
      this.#isHeld = false;
      say("NotRead");
      return "";
    }
  }

  sayRefused(reason) {
    say("Refused", { reason: reason || texts("TooLarge") });
  }

  /* isStill: whether it is to be said once the pieces are counted. */
  async sayWaiting(name, isStill = () => true) {
    const count = await countWaiting(this.person).catch(() => 1);
    if (isStill()) say(name, { count });
  }

  /* Another state came between: the person says which one to go on with. */
  offerChoice(newest) {
    this.#other = newest;
    this.own.elsewhere(newest);
    this.#choice.hidden = false;
  }

  #sayings = {
    kept: () => this.#sayHeld(this.draft.isKept ? "Kept" : "NotKept"),
    saved: (answer) => {
      this.#sayHeld("Saved", { time: answer.saved });
      this.own.saved(answer);
    },
    // Where the browser keeps nothing itself, nothing is on this computer. That a submission waits says more than that
    // its draft does.
    offline: () => {
      const isHandedIn = this.own.isHandedIn?.(this.draft.pending);
      return this.draft.isKept ? this.#sayPending(isHandedIn ? "SubmittedHere" : "Offline") : this.#sayHeld("NotKept");
    },
    signedOut: () => this.#sayPending("SignedOut"),
    refused: ({ reason }) => this.sayRefused(reason),
    elsewhere: (newest) => this.offerChoice(newest),
    bothKept: (kept) => {
      this.#kept = kept;
      Object.assign(this.#choice.querySelector("a"), { href: kept.compare, hidden: false });
    },
    aside: showBeside,
  };

  /* How it goes with what was read last; not while the notebook holds more than that. */
  #sayHeld(name, facts = {}) {
    if (this.#isHeld) say(name, facts, { quiet: true });
  }

  #sayPending(name) {
    return this.sayWaiting(name, () => this.draft.pending !== null && this.#isHeld);
  }

  #hear(name, message) {
    if (name === "ready") this.#open();
    else if (name === "changed") this.#reading = this.#readChanged();
    else if (name === "arrived") this.#tellArrived(Number(message.bytes));
    else this.own.events[name]?.(message);
    if (name === "kernel" && message.status === "idle") this.#arriving.end();
  }

  #tellArrived(bytes) {
    this.#arriving.tell(bytes);
    if (this.#silence) this.#waitForAnswer();
  }

  #waitForAnswer() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => say("Silent"), READY_MS);
  }

  /* Also after the frame was reloaded: what is not yet saved goes before what the server has. */
  async #open() {
    clearTimeout(this.#silence);
    this.#silence = 0;
    try {
      await this.draft.adopt().catch((error) => console.warn("what was left behind waits:", error.message));
      if (this.draft.pending !== null) await this.#load(this.draft.pending);
      else await this.#loadSaved();
      this.#isHeld = true;
      this.isOpen = true;
      this.menus.ready();
      await this.own.opened();
    } catch (error) {
      console.warn("notebook not opened:", error.message);
      say("Silent");
    }
  }

  async #load(text) {
    const { path, name } = lab.dataset;
    const explanations = JSON.parse(lab.dataset.explanations);
    const files = await ownFiles();
    return this.bridge.call("load", { path, name, explanations, files, notebook: JSON.parse(text) });
  }

  async #loadSaved() {
    const answer = await fetch(lab.dataset.notebook, { cache: "no-store" });
    if (!answer.ok) throw new Error(`the notebook was answered with ${answer.status}`);
    await this.#load(await answer.text());
    this.draft.version = answer.headers.get("ETag").replaceAll(/^W\/|"/g, "");
    say(this.#savedBefore ? "Saved" : "Ready", this.#savedBefore ? { text: this.#savedBefore } : {}, { quiet: true });
  }

  async #choose(kept) {
    if (!kept) return;
    this.#choice.hidden = true;
    if (kept === "mine") return this.own.keepMine(this.#other.version);
    if (!(await this.putAway())) return (this.#choice.hidden = false);
    this.own.keepOther?.(this.#kept);
    return location.reload();
  }

  #listen() {
    const { draft } = this;
    this.#choice.addEventListener("click", (event) => this.#choose(event.target.dataset.keep));
    window.addEventListener("online", () => draft.saveAll());
    window.addEventListener("blur", () => draft.flush());
    window.addEventListener("pagehide", () => draft.leave());
    document.addEventListener("visibilitychange", () => draft.flush());
    window.addEventListener("beforeunload", (event) => {
      if (!this.#isHeld || (draft.pending !== null && !draft.isKept)) event.preventDefault();
    });
  }
}
