/* What was handed in on this computer and waits for the link, and what became of it. */
import { sayOfSubmission } from "./labstatus.js";
import { submissionsOf } from "./outbox.js";

export class HandedIn {
  /* Which sentence is said of it: "SubmissionWaits", "SubmissionArrived", "SubmissionNotTaken" or none. */
  standing = "";
  #waiting = [];

  /* address: where this lab's notebooks are handed in. */
  constructor(person, address) {
    Object.assign(this, { person, address });
  }

  get isWaiting() {
    return this.#waiting.length > 0;
  }

  get newest() {
    return this.#waiting.at(-1);
  }

  /* Whether another one waits, which goes out first. */
  isBefore({ key }) {
    return this.#waiting.some((each) => each.key !== key);
  }

  /* What waited and does not now has arrived, also from another window, or was not taken. */
  async look() {
    const all = (await submissionsOf(this.person).catch(() => [])).filter(({ address }) => address === this.address);
    const waiting = all.filter(({ reason }) => !reason);
    const isIn = (list, { key }) => list.some((each) => each.key === key);
    const gone = this.#waiting.filter((each) => !isIn(waiting, each));
    this.#waiting = waiting;
    if (this.isWaiting) this.#say("SubmissionWaits");
    else if (gone.length > 0) this.#say(gone.some((each) => isIn(all, each)) ? "SubmissionNotTaken" : "SubmissionArrived");
  }

  /* The academy's answer to this one is said otherwise. */
  forget({ key }) {
    this.#waiting = this.#waiting.filter((each) => each.key !== key);
    if (!this.isWaiting) this.#say("");
  }

  #say(name) {
    this.standing = name;
    sayOfSubmission(name);
  }
}
