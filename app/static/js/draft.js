/* The notebook that is being worked on: kept on this computer at each change, and sent to the academy soon after. */
import { dropDraft, goOnFrom, isTaken, keepApart, keepDraft, leftBehind, writers } from "./outbox.js";
import { isRefused, keepAside, saveDraft, wordsOf } from "./portal.js";

const RETRY_MS = [3000, 6000, 12000, 30000];
const KEEPALIVE_BYTES = 60000;

/* Where a browser lets pages store nothing there is nothing to forget. */
const forget = (draft) => dropDraft(draft).catch(() => undefined);

/* What is not yet confirmed by the academy, and the one saving under way.

   tell(what, facts): "kept" on this computer (see isKept), "saved" at the academy, "offline",
   "signedOut", "elsewhere" (another draft came between), "bothKept" (this page's is at the academy too), "aside" (so
   is what another page left behind), "refused" for good. facts of "saved", "elsewhere", "bothKept" and "aside" are the
   academy's answer. */
export class Draft {
  version = "0";
  pending = null;
  isKept = false;
  #number = 0;
  #sending = null;
  #halted = false;
  #isEnded = false;
  #failures = 0;
  #isRenewed = false;
  #trouble = "offline";
  #lastSent = -Infinity;
  #timer = 0;
  #due = Infinity;
  #adopted = null;

  constructor({ person, address, seconds, renew, tell }) {
    Object.assign(this, { person, address, seconds, renew, tell });
  }

  /* The newest that earlier pages left on this computer is gone on with, as long as nothing was written on this one;
     whatever else they left goes beside the newest. */
  async adopt() {
    const left = (await leftBehind(this.person)).filter(({ address, isApart }) => address === this.address && !isApart);
    const newest = this.#number === 0 ? left.pop() : null;
    if (newest) await this.#goOnWith(newest);
    this.#sendLeft(left).catch((error) => console.warn("what was left behind waits:", error.message));
  }

  async #goOnWith(left) {
    this.version = left.version;
    goOnFrom(left);
    this.#adopted = left;
    await this.change(left.text);
    if (this.isKept) await forget(left);
  }

  /* This page's own goes first: where nothing was saved yet, the first to arrive is what others are beside. */
  async #sendLeft(left) {
    if (left.length > 0) await this.saveAll();
    if (this.pending !== null && !this.#halted) return;
    for (const each of left) {
      const answer = await this.#sendAside(each);
      if (answer.ok) this.tell("aside", await answer.json());
    }
  }

  async change(text) {
    if (this.#isEnded) return;
    this.pending = text;
    this.#number += 1;
    this.isKept = await isTaken(keepDraft(this.#draft));
    if (this.pending !== text || this.#halted) return;
    this.tell(this.#failures ? this.#trouble : "kept");
    const pause = this.seconds * 1000 - (performance.now() - this.#lastSent);
    this.#later(this.#failures ? this.#retryPause() : Math.max(0, pause));
  }

  /* What is pending, as it is kept and sent. */
  get #draft() {
    const { person, address, version, pending: text } = this;
    return { person, address, text, version, number: this.#number, writers };
  }

  /* Save at once what is pending; where a saving is under way, its end is what is waited for. */
  flush() {
    if (this.#sending) return this.#sending;
    if (this.pending === null || this.#halted) return Promise.resolve();
    this.#stopWaiting();
    this.#lastSent = performance.now();
    this.#sending = this.#send(this.#draft).finally(() => (this.#sending = null));
    return this.#sending;
  }

  /* The second saving has what was written during one that was under way, or goes over a link that is new. */
  async saveAll() {
    await this.flush();
    await this.flush();
  }

  async #send(draft) {
    try {
      await this.#settle(await saveDraft(draft), draft.text);
    } catch {
      this.#failed();
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
    if (answer.status === 413) return this.#refused("", text);
    if (answer.status === 422) return this.#refused(await wordsOf(answer), text);
    if (answer.status < 500 && !(await this.renew())) return this.#failed(this.#retryPause(), "signedOut");
    // A page that was open for long may have an old token only: with the new one the academy says what it means.
    if (isRefused(answer.status) && this.#isRenewed) return this.#refused(await wordsOf(answer), text);
    this.#isRenewed = answer.status < 500;
    return this.#failed(this.#isRenewed && this.#failures === 0 ? 0 : undefined);
  }

  /* What was written meanwhile may be taken. */
  #refused(reason, text) {
    this.#failures = 0;
    this.tell("refused", { reason });
    if (text !== this.pending) this.#later(0);
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
    // What was written in the meantime is not at the academy.
    if (this.pending === null) this.tell("saved", { ...saved, text });
    return undefined;
  }

  async #overtaken(newest) {
    this.#halted = true;
    this.tell("elsewhere", newest);
    return this.#keepBoth();
  }

  /* Whatever the trainee decides, and wherever they look at both, this page's version is at the academy as well. */
  async #keepBoth() {
    try {
      const answer = await this.#sendAside(this.#draft);
      if (answer.ok) this.tell("bothKept", await answer.json());
    } catch {
      // Kept on this computer; the next page sends it.
    }
  }

  async #sendAside(draft) {
    const answer = await keepAside(draft);
    if (answer.ok) await forget(draft);
    return answer;
  }

  /* The person decided for this page's version, which goes on from this one of the academy. Until they have decided it
     goes on from what it was begun from, so that what a closed page leaves behind never goes over the other. */
  async keepMine(version) {
    this.version = version;
    this.isKept = await isTaken(keepDraft(this.#draft));
    this.#halted = false;
    return this.saveAll();
  }

  /* The person decided against this page's version: what the academy does not have yet goes beside the newest, or where
     it does not take that, the next page shows it with the reason. Whether nothing waits any more. */
  async setAside() {
    const draft = this.#draft;
    if (draft.text === null) return true;
    const answer = await this.#sendAside(draft).catch(() => null);
    if (answer?.ok) this.tell("bothKept", await answer.json());
    else if (!answer || !isRefused(answer.status) || !(await isTaken(keepApart(draft, await wordsOf(answer))))) {
      this.tell("offline");
      return false;
    }
    if (this.pending === draft.text) await this.abandon();
    return this.setAside();
  }

  /* Whether the academy has all of it, as the newest or beside it, and nothing waits any more. */
  async putAway() {
    await this.saveAll();
    return this.setAside();
  }

  /* What comes from now on is neither kept nor sent: it would come into the notebook that opens next. */
  end() {
    this.#isEnded = true;
  }

  /* Nothing of it waits any more. */
  async abandon() {
    const draft = this.#draft;
    this.pending = null;
    if (draft.text !== null) await forget(draft);
    if (this.#adopted) await forget(this.#adopted);
    this.#adopted = null;
  }

  #failed(pause = this.#retryPause(), trouble = "offline") {
    this.#failures += 1;
    this.#trouble = trouble;
    this.tell(trouble);
    this.#later(pause);
  }

  #retryPause() {
    return RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)];
  }

  /* The next try comes when it was to come, however much is written meanwhile, or sooner. */
  #later(pause) {
    const due = performance.now() + pause;
    if (due >= this.#due) return;
    this.#stopWaiting();
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#stopWaiting();
      this.flush();
    }, pause);
  }

  #stopWaiting() {
    clearTimeout(this.#timer);
    this.#due = Infinity;
  }
}
