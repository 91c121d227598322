/* The notebook that is being worked on: kept on this computer at each change, and sent to the academy soon after. */
import { dropDraft, goOnFrom, isTaken, keepDraft, leftBehind, writers } from "./outbox.js";
import { isRefused, keepAside, saveDraft, wordsOf } from "./portal.js";

const RETRY_MS = [3000, 6000, 12000, 30000];
const KEEPALIVE_BYTES = 60000;

/* What is not yet confirmed by the academy, and the one saving under way.

   tell(what, facts): "kept" on this computer (see isKept), "saved" at the academy, "offline",
   "signedOut", "elsewhere" (another draft came between; both are at the academy), "refused" for good.
   facts of "saved" and "elsewhere" are the academy's answer. */
export class Draft {
  version = "0";
  pending = null;
  isKept = false;
  #number = 0;
  #sending = false;
  #halted = false;
  #failures = 0;
  #isRenewed = false;
  #lastSent = 0;
  #timer = 0;

  constructor({ person, address, seconds, renew, tell }) {
    Object.assign(this, { person, address, seconds, renew, tell });
  }

  /* The newest that earlier pages left on this computer is gone on with; older ones go beside it. */
  async adopt() {
    const left = (await leftBehind(this.person)).filter(({ address }) => address === this.address);
    const newest = left.pop();
    if (!newest) return;
    this.version = newest.version;
    goOnFrom(newest);
    await this.change(newest.text);
    await dropDraft(newest);
    for (const older of left) {
      const answer = await keepAside(older);
      if (answer.ok) await dropDraft(older);
    }
  }

  async change(text) {
    this.pending = text;
    this.#number += 1;
    this.isKept = await isTaken(keepDraft(this.#draft));
    if (this.pending !== text || this.#halted) return;
    this.tell("kept");
    const pause = this.seconds * 1000 - (Date.now() - this.#lastSent);
    this.#later(this.#failures ? this.#retryPause() : Math.max(0, pause));
  }

  /* What is pending, as it is kept and sent. */
  get #draft() {
    const { person, address, version, pending: text } = this;
    return { person, address, text, version, number: this.#number, writers };
  }

  /* Save at once what is pending. */
  async flush() {
    if (this.pending === null || this.#halted || this.#sending) return;
    clearTimeout(this.#timer);
    this.#sending = true;
    this.#lastSent = Date.now();
    const draft = this.#draft;
    try {
      await this.#settle(await saveDraft(draft), draft.text);
    } catch {
      this.#failed();
    } finally {
      this.#sending = false;
    }
  }

  /* The page may be gone before the answer. What is under way already is sent again by the next page, if need be. */
  leave() {
    if (this.pending === null || this.#halted || this.#sending) return;
    const keepalive = new Blob([this.pending]).size < KEEPALIVE_BYTES;
    saveDraft(this.#draft, { keepalive }).catch(() => undefined);
  }

  async #settle(answer, text) {
    if (answer.ok) return this.#confirmed(await answer.json(), text);
    if (answer.status === 412) return this.#overtaken(await answer.json());
    if (answer.status === 413) return this.tell("refused", { reason: "" });
    if (answer.status === 422) return this.#refused(answer);
    if (answer.status < 500 && !(await this.renew())) {
      this.#failed();
      return this.tell("signedOut");
    }
    // A page that was open for long may have an old token only: with the new one the academy says what it means.
    if (isRefused(answer.status) && this.#isRenewed) return this.#refused(answer);
    this.#isRenewed = answer.status < 500;
    return this.#failed(this.#isRenewed && this.#failures === 0 ? 0 : undefined);
  }

  async #refused(answer) {
    this.tell("refused", { reason: await wordsOf(answer) });
  }

  async #confirmed(saved, text) {
    this.#failures = 0;
    this.#isRenewed = false;
    this.version = saved.version;
    if (text !== this.pending) {
      this.isKept = await isTaken(keepDraft(this.#draft));
      return this.#later(0);
    }
    await this.abandon();
    return this.tell("saved", { ...saved, text });
  }

  async #overtaken(newest) {
    this.#halted = true;
    this.version = newest.version;
    this.tell("elsewhere", newest);
    return this.#keepBoth(this.#draft);
  }

  /* Whatever the trainee decides, and wherever they look at both, this page's version is at the academy as well. */
  async #keepBoth(draft) {
    try {
      const answer = await keepAside(draft);
      if (!answer.ok) return;
      const { compare } = await answer.json();
      await dropDraft(draft);
      this.tell("bothKept", { compare });
    } catch {
      // Kept on this computer; the next page sends it.
    }
  }

  /* The trainee decided for this page's version, which goes on from the newest of the academy. */
  keepMine() {
    this.#halted = false;
    return this.flush();
  }

  /* Nothing of it waits any more. */
  async abandon() {
    const draft = this.#draft;
    this.pending = null;
    if (draft.text !== null) await dropDraft(draft);
  }

  #failed(pause = this.#retryPause()) {
    this.#failures += 1;
    this.tell("offline");
    this.#later(pause);
  }

  #retryPause() {
    return RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)];
  }

  #later(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), pause);
  }
}
