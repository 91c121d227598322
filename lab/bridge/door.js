// Messages from the portal's page, and answers and events to it; nobody else is listened to.
import { isObject } from './checked.js';

const VERSION = 1;

export class Door {
  constructor(portal) {
    this.portal = portal;
    this.queue = Promise.resolve();
  }

  tell(message) {
    window.parent.postMessage({ hunar: VERSION, ...message }, this.portal);
  }

  // operations: by name, each with `act(notebook, args)` and whether it waits for those before it that do.
  listen(operations, notebook) {
    window.addEventListener('message', event => {
      if (event.source !== window.parent || event.origin !== this.portal) return;
      const message = event.data;
      if (!isObject(message) || message.hunar !== VERSION || !Object.hasOwn(operations, message.op)) return;
      if (typeof message.id !== 'string' && !Number.isSafeInteger(message.id)) return;
      if (typeof message.id === 'string' && message.id.length > 64) return;
      const { act, inTurn } = operations[message.op];
      this.answer(message.id, inTurn, () => act(notebook, isObject(message.args) ? message.args : {}));
    });
  }

  answer(id, inTurn, run) {
    const work = inTurn ? (this.queue = this.queue.catch(() => undefined).then(run)) : run();
    Promise.resolve(work).then(
      value => this.tell({ id, ok: true, value }),
      error => this.tell({ id, ok: false, error: String(error?.message ?? error).slice(0, 2000) }),
    );
  }
}
