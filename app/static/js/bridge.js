/* Messages to and from the notebook; see lab/README.md. */
const VERSION = 1;
const CALL_MS = 60000;
const MOST_BYTES = 8 * 1024 * 1024;

export class Bridge {
  #waiting = new Map();
  #count = 0;

  constructor(frame, origin, onEvent) {
    Object.assign(this, { frame, origin, onEvent });
    window.addEventListener("message", (event) => this.#receive(event));
  }

  #receive(event) {
    if (event.origin !== this.origin || event.source !== this.frame.contentWindow) return;
    const message = event.data;
    if (typeof message !== "object" || message === null || message.hunar !== VERSION) return;
    if (typeof message.event === "string") this.onEvent(message.event, message);
    const call = this.#waiting.get(message.id);
    if (!call) return;
    this.#waiting.delete(message.id);
    clearTimeout(call.timer);
    if (message.ok) call.resolve(message.value);
    else call.reject(new Error(String(message.error)));
  }

  call(op, args = {}, patience = CALL_MS) {
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.delete(id);
        reject(new Error(`${op} was not answered`));
      };
      const timer = patience === Infinity ? 0 : setTimeout(giveUp, patience);
      this.#waiting.set(id, { resolve, reject, timer });
      this.frame.contentWindow.postMessage({ hunar: VERSION, id, op, args }, this.origin);
    });
  }

  /* What stands in the cells, without results, as one text. */
  async sources() {
    const { notebook } = await this.call("snapshot", { limit: MOST_BYTES });
    return JSON.stringify(notebook.cells.map(({ source }) => source));
  }

  /* The notebook as JSON text of at most this many bytes, and whether its outputs are in it; the text is "" when the
     notebook is larger without them, too. announce: whether to be told first of a change that waits for a pause. */
  async snapshot(limit, { announce = false } = {}) {
    const { notebook, isWhole } = await this.call("snapshot", { limit, announce });
    return { text: notebook ? JSON.stringify(notebook) : "", isWhole };
  }
}
