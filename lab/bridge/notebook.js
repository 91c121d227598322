// The notebook that is open: loaded, read, watched and run.
import { Refused } from './checked.js';
import { cleaned, fits, said, withoutOutputs } from './content.js';

const MAX_CODE_CHARACTERS = 10000;
// Between two announcements of changes; longer where the notebook is so large that reading it takes its time.
const CHANGE_PAUSE_MS = 200;
const PAUSES_PER_READING = 20;
const SESSION_END_TRIES = 100;
const KERNEL = { name: 'python', display_name: 'Python', language: 'python' };

export class OpenNotebook {
  // tell: an event to the portal's page.
  constructor(app, tell, CodeCell) {
    this.app = app;
    this.tell = tell;
    this.CodeCell = CodeCell;
    this.panel = null;
    this.original = null;
    this.explanations = [];
    this.revision = 0;
    this.executed = 0;
    this.isFresh = true;
    this.announced = '';
    this.timer = 0;
    this.nextAt = 0;
  }

  get open() {
    if (!this.panel || this.panel.isDisposed) throw new Refused('No notebook is open: send "load" first.');
    return this.panel;
  }

  snapshot() {
    return cleaned(this.open.content.model.toJSON(), this.original);
  }

  // No larger than this many bytes, without outputs if need be; null where it is larger without them, too.
  snapshotWithin(limit) {
    const notebook = this.snapshot();
    if (fits(notebook, limit)) return { notebook, isWhole: true };
    const written = withoutOutputs(notebook);
    return { notebook: fits(written, limit) ? written : null, isWhole: false };
  }

  async load(path, name, notebook, explanations, files) {
    await this.closeAll();
    this.original = notebook;
    this.explanations = explanations;
    this.executed = 0;
    this.isFresh = true;
    const content = structuredClone(notebook);
    content.metadata = { ...content.metadata, kernelspec: KERNEL };
    const contents = this.app.serviceManager.contents;
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    for (const file of files) {
      await contents.save(folder + file.name, { type: 'file', format: 'text', content: file.text });
    }
    await contents.save(path, { type: 'notebook', format: 'json', content });
    const open = { path, factory: 'Notebook', kernel: { name: KERNEL.name }, options: { ref: '_noref' } };
    const panel = await this.app.commands.execute('docmanager:open', open);
    await panel.context.ready;
    if (name) document.title = name;
    this.watch(panel);
    this.app.shell.activateById(panel.id);
    return { path, cells: panel.content.model.cells.length };
  }

  async closeAll() {
    this.stopTimer();
    this.panel = null;
    const { kernels, sessions } = this.app.serviceManager;
    for (const widget of [...this.app.shell.widgets('main')]) {
      const kernel = widget.context?.sessionContext?.session?.kernel;
      widget.dispose();
      if (kernel) await kernels.shutdown(kernel.id);
    }
    // A session ends 0.1 s after its kernel; until then a new one of the same path would get the dead kernel.
    for (let tries = 0; tries < SESSION_END_TRIES; tries += 1) {
      await sessions.refreshRunning();
      if ([...sessions.running()].length === 0) return;
      await new Promise(resolve => window.setTimeout(resolve, 50));
    }
    throw new Error('The former notebook could not be closed.');
  }

  watch(panel) {
    this.panel = panel;
    this.announced = JSON.stringify(this.snapshot());
    panel.content.model.contentChanged.connect(() => this.changeSoon(panel));
    panel.content.activeCellChanged.connect((_, cell) => {
      if (panel === this.panel && cell) this.tell({ event: 'active', cell: cell.model.id });
    });
    panel.context.sessionContext.statusChanged.connect((_, status) => {
      if (panel !== this.panel) return;
      this.isFresh ||= status === 'restarting' || status === 'autorestarting';
      this.tell({ event: 'kernel', status });
    });
    panel.context.sessionContext.iopubMessage.connect((_, message) => this.heard(panel, message));
    this.tell({ event: 'kernel', status: panel.context.sessionContext.kernelDisplayStatus });
  }

  // Of each cell that has a name for grading.
  results() {
    const named = this.open.content.widgets.filter(({ model }) => model.getMetadata('nbgrader')?.grade_id);
    return named.map(({ model }) => ({
      name: model.getMetadata('nbgrader').grade_id,
      outputs: (model.outputs?.toJSON() ?? []).map(said).filter(Boolean),
    }));
  }

  // At once; the further ones of somebody who types on, or of an output that grows, together at each pause.
  changeSoon(panel) {
    if (panel !== this.panel || this.timer) return;
    this.timer = window.setTimeout(() => this.announceNow(), Math.max(0, this.nextAt - performance.now()));
  }

  stopTimer() {
    window.clearTimeout(this.timer);
    this.timer = 0;
  }

  announceNow() {
    this.stopTimer();
    const began = performance.now();
    const state = JSON.stringify(this.snapshot());
    const ended = performance.now();
    this.nextAt = ended + Math.max(CHANGE_PAUSE_MS, (ended - began) * PAUSES_PER_READING);
    if (state === this.announced) return;
    this.announced = state;
    this.revision += 1;
    this.tell({ event: 'changed', revision: this.revision });
  }

  // As the grader runs it: from a fresh start, and past cells that fail.
  async runFresh() {
    const panel = this.open;
    const { sessionContext } = panel.context;
    await sessionContext.ready;
    if (!this.isFresh) await sessionContext.restartKernel();
    for (const cell of [...panel.content.widgets]) {
      if (panel.isDisposed) throw new Refused('The notebook was closed meanwhile.');
      if (!cell.isDisposed && cell.model.type === 'code') await this.CodeCell.execute(cell, sessionContext);
    }
    return {};
  }

  // What it showed until then is announced before the answer, and nothing comes after it.
  async stop() {
    const { sessionContext } = this.open.context;
    if (!this.isFresh) await sessionContext.restartKernel();
    this.announceNow();
  }

  heard(panel, message) {
    if (panel !== this.panel || message.header.msg_type !== 'execute_input') return;
    this.executed += 1;
    this.isFresh = false;
    const { code } = message.content;
    this.tell({ event: 'executed', count: this.executed, code: code.length > MAX_CODE_CHARACTERS ? '' : code });
  }
}
