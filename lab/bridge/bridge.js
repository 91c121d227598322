// The only door between the portal's page and the notebook. See lab/README.md for the messages.
// A module-federation container written by hand: JupyterLab shares its modules, so no bundler is needed.
(() => {
  'use strict';

  const VERSION = 1;
  const MAX_NOTEBOOK_CHARACTERS = 8 * 1024 * 1024;
  const MAX_CODE_CHARACTERS = 10000;
  const MAX_MARKING_CHARACTERS = 10000;
  const MAX_FIRST_LINE_CHARACTERS = 120;
  const MAX_SAID_CHARACTERS = 100000;
  const MAX_FILES = 20;
  const MAX_FILES_CHARACTERS = 128 * 1024 * 1024;
  const CHANGE_DELAY_MS = 300;
  const MOST_CHANGE_DELAY_MS = 1500;
  const SERVICE_WORKER_WAIT_MS = 10000;
  const SESSION_END_TRIES = 100;
  const PATH = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/){0,4}[A-Za-z0-9_-][A-Za-z0-9._-]*\.ipynb$/;
  const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;
  const KERNEL = { name: 'python', display_name: 'Python', language: 'python' };

  class Refused extends Error {}

  const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value);

  function checkedNotebook(notebook) {
    if (!isObject(notebook) || !Array.isArray(notebook.cells) || notebook.nbformat !== 4) {
      throw new Refused('args.notebook must be a notebook of format 4 with a list of cells.');
    }
    if (JSON.stringify(notebook).length > MAX_NOTEBOOK_CHARACTERS) {
      throw new Refused(`The notebook is larger than ${MAX_NOTEBOOK_CHARACTERS} characters.`);
    }
    return notebook;
  }

  function checkedPath(path) {
    if (typeof path !== 'string' || path.length > 200 || !PATH.test(path)) {
      throw new Refused('args.path must be like module/notebook/work.ipynb.');
    }
    return path;
  }

  function checkedExplanations(list) {
    const isText = (value, most) => typeof value === 'string' && value.length <= most;
    const isOne = each =>
      isObject(each) && Array.isArray(each.names) && each.names.every(name => isText(name, 100)) &&
      isText(each.says, 500) && isText(each.through, 100) && isText(each.sentence, 500);
    if (!Array.isArray(list) || list.length > 200 || !list.every(isOne)) {
      throw new Refused('args.explanations must be a list of at most 200 {names, says, through, sentence}.');
    }
    return list.map(each => ({ ...each, says: new RegExp(each.says, 's') }));
  }

  // Data that the portal's page brings along, to lie beside the notebook or in the place of a file of this site.
  function checkedFiles(list) {
    const isOne = each => isObject(each) && FILE_NAME.test(each.name) && typeof each.text === 'string';
    if (!Array.isArray(list) || list.length > MAX_FILES || !list.every(isOne)) {
      throw new Refused(`args.files must be a list of at most ${MAX_FILES} {name, text}.`);
    }
    if (list.reduce((length, { text }) => length + text.length, 0) > MAX_FILES_CHARACTERS) {
      throw new Refused(`The files are larger than ${MAX_FILES_CHARACTERS} characters.`);
    }
    return list;
  }

  // What an author says of a cell; null takes it away.
  function checkedMarking(marking) {
    if (marking !== null && !isObject(marking)) throw new Refused('args.nbgrader and args.hunar must be objects or null.');
    if (JSON.stringify(marking).length > MAX_MARKING_CHARACTERS) throw new Refused('The marking is too large.');
    return marking;
  }

  function checkedLine(line) {
    if (typeof line !== 'string' || line.length > 200 || line.includes('\n')) {
      throw new Refused('args.before and args.after must be lines of at most 200 characters.');
    }
    return line;
  }

  // Jupyter adds these while it works; they are not the trainee's and would change every hash.
  function cleaned(notebook, original) {
    const copy = structuredClone(notebook);
    for (const cell of copy.cells) {
      delete cell.metadata?.trusted;
      if (cell.attachments === undefined) delete cell.attachments;
    }
    for (const key of ['kernelspec', 'language_info']) {
      if (original.metadata?.[key] === undefined) delete copy.metadata[key];
      else copy.metadata[key] = structuredClone(original.metadata[key]);
    }
    if (copy.metadata.language_info && !copy.metadata.language_info.name) delete copy.metadata.language_info;
    return copy;
  }

  function withoutOutputs(notebook) {
    const isCode = cell => cell.cell_type === 'code';
    const cells = notebook.cells.map(cell => (isCode(cell) ? { ...cell, outputs: [], execution_count: null } : cell));
    return { ...notebook, cells };
  }

  // What a verdict on a cell can hang on (app/static/js/check.js), however much else the cell shows.
  function said({ output_type: type, name, text, ename, evalue, data }) {
    const whole = lines => [lines].flat().join('');
    if (type === 'error') return { output_type: type, ename, evalue: evalue.slice(-MAX_SAID_CHARACTERS) };
    if (type === 'stream' && name === 'stderr') {
      return { output_type: type, name, text: whole(text).slice(-MAX_SAID_CHARACTERS) };
    }
    const plain = data?.['text/plain'];
    if (type !== 'execute_result' || plain === undefined) return null;
    return { output_type: type, data: { 'text/plain': whole(plain).slice(0, MAX_SAID_CHARACTERS) } };
  }

  // Indented it is at least as long as the academy writes it, with a space after each comma.
  const fits = (notebook, limit) => new Blob([JSON.stringify(notebook, null, 1)]).size <= limit;

  const MARKDOWN = 'text/x-ipythongfm';
  const ERROR = 'application/vnd.jupyter.error';
  const TRACEBACK = 'application/vnd.jupyter.stderr';
  const COLOURS = /\u001b\[[0-9;]*m/g;
  const MAX_QUOTED_CHARACTERS = 80;

  // Pyodide's kernel says "<class 'pandas.errors.MergeError'>" where others say "MergeError".
  const shortName = ename => ename.match(/(\w+)'>$/)?.[1] ?? ename;

  // The sentence of the first explanation that fits, as nodes: what it quotes is code, whatever the direction around it.
  function explained(explanations, { ename, evalue, traceback }) {
    const lines = traceback.join('\n').replace(COLOURS, '');
    const error = shortName(ename);
    for (const { names, says, through, sentence } of explanations) {
      const match = says.exec(evalue);
      if (!match || !lines.includes(through) || (names.length && !names.includes(error))) continue;
      const quoted = { error, ...match.groups };
      return sentence.split(/(\{\w+\}|`[^`]+`)/).map(part => {
        if (!/^[{`]/.test(part)) return part;
        const inner = part.slice(1, -1);
        const code = document.createElement('code');
        code.dir = 'ltr';
        code.textContent = part.startsWith('`') ? inner : (quoted[inner] ?? '').slice(0, MAX_QUOTED_CHARACTERS);
        return code;
      });
    }
    return null;
  }

  // A traceback as Jupyter shows it, and under it what it means. Only shown: the notebook's own outputs stay as they are.
  function explainedErrors(registry, Panel, Widget, explanations) {
    return {
      safe: true,
      mimeTypes: [ERROR],
      createRenderer: options => {
        const panel = new Panel();
        const traceback = registry.getFactory(TRACEBACK).createRenderer({ ...options, mimeType: TRACEBACK });
        const meaning = new Widget({ node: document.createElement('p') });
        meaning.addClass('hunar-explanation');
        meaning.node.dir = 'auto';
        panel.addWidget(traceback);
        panel.addWidget(meaning);
        panel.renderModel = async model => {
          await traceback.renderModel(model);
          const nodes = explained(explanations(), model.data[ERROR]);
          meaning.setHidden(!nodes);
          meaning.node.replaceChildren(...(nodes ?? []));
        };
        return panel;
      },
    };
  }

  class Bridge {
    constructor(app, portal, CodeCell) {
      this.app = app;
      this.portal = portal;
      this.CodeCell = CodeCell;
      this.panel = null;
      this.original = null;
      this.explanations = [];
      this.revision = 0;
      this.executed = 0;
      this.isFresh = true;
      this.announced = '';
      this.timer = 0;
      this.changedAt = null;
      this.queue = Promise.resolve();
    }

    tell(message) {
      window.parent.postMessage({ hunar: VERSION, ...message }, this.portal);
    }

    listen() {
      window.addEventListener('message', event => {
        if (event.source !== window.parent || event.origin !== this.portal) return;
        const message = event.data;
        if (!isObject(message) || message.hunar !== VERSION || !Object.hasOwn(OPERATIONS, message.op)) return;
        if (typeof message.id !== 'string' && !Number.isSafeInteger(message.id)) return;
        if (typeof message.id === 'string' && message.id.length > 64) return;
        this.answer(message.id, OPERATIONS[message.op], isObject(message.args) ? message.args : {});
      });
    }

    // Operations that replace the notebook or its kernel wait for each other; reading never waits for a run.
    answer(id, operation, args) {
      const run = () => operation.act(this, args);
      const work = operation.inTurn ? (this.queue = this.queue.catch(() => undefined).then(run)) : run();
      Promise.resolve(work).then(
        value => this.tell({ id, ok: true, value }),
        error => this.tell({ id, ok: false, error: String(error?.message ?? error).slice(0, 2000) }),
      );
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
      window.clearTimeout(this.timer);
      this.changedAt = null;
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

    described(cell) {
      const text = cell.model.sharedModel.getSource();
      const line = text.split('\n').find(each => each.trim()) ?? '';
      return {
        id: cell.model.id,
        type: cell.model.type,
        text: line.trim().slice(0, MAX_FIRST_LINE_CHARACTERS),
        nbgrader: cell.model.getMetadata('nbgrader') ?? null,
        hunar: cell.model.getMetadata('hunar') ?? null,
      };
    }

    // Of each cell that has a name for grading.
    results() {
      const named = this.open.content.widgets.filter(({ model }) => model.getMetadata('nbgrader')?.grade_id);
      return named.map(({ model }) => ({
        name: model.getMetadata('nbgrader').grade_id,
        outputs: (model.outputs?.toJSON() ?? []).map(said).filter(Boolean),
      }));
    }

    cellWith(id) {
      const found = this.open.content.widgets.findIndex(cell => cell.model.id === id);
      if (found < 0) throw new Refused('There is no such cell any more.');
      return found;
    }

    mark(id, marking) {
      const { model } = this.open.content.widgets[this.cellWith(id)];
      for (const [key, value] of Object.entries(marking)) {
        if (value === null) model.deleteMetadata(key);
        else model.setMetadata(key, value);
      }
      this.changeSoon(this.panel);
    }

    // Around the lines that are selected in the cell, else around all of it, as far in as the first of them: what takes
    // their place in the release is put there by where the mark stands.
    wrap(id, before, after) {
      const cell = this.open.content.widgets[this.cellWith(id)];
      const lines = cell.model.sharedModel.getSource().split('\n');
      const { start, end } = cell.editor?.getSelection() ?? { start: { line: 0, column: 0 }, end: { line: 0, column: 0 } };
      const isSelected = start.line !== end.line || start.column !== end.column;
      const [from, to] = [start, end].sort((one, other) => one.line - other.line || one.column - other.column);
      // A selection that ends before the first letter of a line has nothing of it.
      const lastLine = to.column === 0 && to.line > from.line ? to.line - 1 : to.line;
      const [first, last] = isSelected ? [from.line, lastLine] : [0, lines.length - 1];
      const [indentation] = /^[ \t]*/.exec(lines.slice(first, last + 1).find((line) => line.trim()) ?? '');
      lines.splice(last + 1, 0, indentation + after);
      lines.splice(first, 0, indentation + before);
      cell.model.sharedModel.setSource(lines.join('\n'));
    }

    choose(id) {
      const { content } = this.open;
      const index = this.cellWith(id);
      content.activeCellIndex = index;
      content.deselectAll();
      return content.scrollToItem(index, 'smart');
    }

    // Once it pauses; an output that is replaced on and on, or somebody who types on, does not put it off for ever.
    changeSoon(panel) {
      if (panel !== this.panel) return;
      const now = performance.now();
      this.changedAt ??= now;
      window.clearTimeout(this.timer);
      const pause = Math.min(CHANGE_DELAY_MS, this.changedAt + MOST_CHANGE_DELAY_MS - now);
      this.timer = window.setTimeout(() => this.announce(), pause);
    }

    announce() {
      this.changedAt = null;
      const state = JSON.stringify(this.snapshot());
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
      window.clearTimeout(this.timer);
      this.announce();
    }

    heard(panel, message) {
      if (panel !== this.panel || message.header.msg_type !== 'execute_input') return;
      this.executed += 1;
      this.isFresh = false;
      const { code } = message.content;
      this.tell({ event: 'executed', count: this.executed, code: code.length > MAX_CODE_CHARACTERS ? '' : code });
    }
  }

  const OPERATIONS = {
    load: {
      inTurn: true,
      act: (bridge, args) => {
        const name = typeof args.name === 'string' ? args.name.slice(0, 200) : '';
        const explanations = checkedExplanations(args.explanations ?? []);
        const files = checkedFiles(args.files ?? []);
        return bridge.load(checkedPath(args.path), name, checkedNotebook(args.notebook), explanations, files);
      },
    },
    snapshot: {
      inTurn: false,
      act: async (bridge, args) => {
        if (args.limit === undefined) return { notebook: checkedNotebook(bridge.snapshot()) };
        if (!Number.isSafeInteger(args.limit)) throw new Refused('args.limit must be a number of bytes.');
        return bridge.snapshotWithin(Math.min(args.limit, MAX_NOTEBOOK_CHARACTERS));
      },
    },
    runAll: {
      inTurn: true,
      act: async bridge => {
        bridge.app.shell.activateById(bridge.open.id);
        await bridge.open.context.sessionContext.ready;
        const finished = await bridge.app.commands.execute('notebook:run-all-cells', { activate: false });
        return { finished: finished !== false };
      },
    },
    check: {
      inTurn: true,
      act: bridge => bridge.runFresh(),
    },
    results: {
      inTurn: false,
      act: async bridge => ({ cells: bridge.results() }),
    },
    // Not in turn: it must get past a cell that never ends.
    restart: {
      inTurn: false,
      act: async bridge => {
        const panel = bridge.open;
        await panel.context.sessionContext.restartKernel();
        return {};
      },
    },
    stop: {
      inTurn: false,
      act: async bridge => {
        await bridge.stop();
        return {};
      },
    },
    // For authors: what each cell is, and to say it.
    cells: {
      inTurn: false,
      act: async bridge => ({
        cells: bridge.open.content.widgets.map(cell => bridge.described(cell)),
        active: bridge.open.content.activeCell?.model.id ?? null,
      }),
    },
    mark: {
      inTurn: false,
      act: async (bridge, args) => {
        bridge.mark(args.cell, { nbgrader: checkedMarking(args.nbgrader ?? null), hunar: checkedMarking(args.hunar ?? null) });
        return {};
      },
    },
    wrap: {
      inTurn: false,
      act: async (bridge, args) => {
        bridge.wrap(args.cell, checkedLine(args.before), checkedLine(args.after));
        return {};
      },
    },
    choose: {
      inTurn: false,
      act: async (bridge, args) => {
        await bridge.choose(args.cell);
        return {};
      },
    },
    menus: {
      inTurn: false,
      act: async (bridge, args) => {
        if (typeof args.shown !== 'boolean') throw new Refused('args.shown must be true or false.');
        bridge.app.shell.menu.setHidden(!args.shown);
        return {};
      },
    },
    focus: {
      inTurn: false,
      act: async bridge => {
        bridge.app.shell.activateById(bridge.open.id);
        bridge.open.content.activate();
        bridge.open.content.node.focus();
        return {};
      },
    },
  };

  // Without a controlling service worker Python does not see the data file that lies beside the notebook.
  async function filesReachable() {
    const container = navigator.serviceWorker;
    if (!container || container.controller) return;
    await new Promise(resolve => {
      container.addEventListener('controllerchange', resolve, { once: true });
      window.setTimeout(resolve, SERVICE_WORKER_WAIT_MS);
    });
  }

  // As most of its letters run: an Urdu sentence may begin with the name of a column.
  function directionOf(text) {
    const letters = text.match(/\p{L}/gu) ?? [];
    const fromTheRight = letters.filter(letter => /\p{Script=Arabic}/u.test(letter));
    return letters.length === 0 ? 'auto' : fromTheRight.length * 2 > letters.length ? 'rtl' : 'ltr';
  }

  function directionOfBlock(block) {
    const words = block.cloneNode(true);
    for (const code of words.querySelectorAll('code, pre, mjx-container, .MathJax')) code.remove();
    return directionOf(words.textContent);
  }

  // Text that is shown: each block of a text cell for itself, unless its author said how it runs.
  function directText() {
    const mark = () => {
      for (const node of document.querySelectorAll('.jp-RenderedMarkdown')) {
        for (const block of node.children) if (!block.dir) block.dir = directionOfBlock(block);
      }
    };
    new MutationObserver(mark).observe(document.body, { childList: true, subtree: true });
  }

  // Text that is being written: each line of a text cell for itself, so that the cursor goes the right way too.
  function directLines({ Decoration, EditorView, ViewPlugin }) {
    const directed = view => {
      const lines = new Map();
      for (const { from, to } of view.visibleRanges) {
        for (let line = view.state.doc.lineAt(from); ; line = view.state.doc.line(line.number + 1)) {
          const dir = directionOf(line.text.replace(/`[^`]*`/g, ''));
          lines.set(line.from, Decoration.line({ attributes: { dir } }).range(line.from));
          if (line.to >= to || line.number === view.state.doc.lines) break;
        }
      }
      return Decoration.set([...lines.values()]);
    };
    const plugin = ViewPlugin.define(
      view => ({
        lines: directed(view),
        update({ docChanged, viewportChanged, view: present }) {
          if (docChanged || viewportChanged) this.lines = directed(present);
        },
      }),
      { decorations: ({ lines }) => lines },
    );
    return [plugin, EditorView.perLineTextDirection.of(true)];
  }

  function addStyle(href) {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = href;
    document.head.append(link);
  }

  // JupyterLite's heartbeat loses its "this" and hands setTimeout an undefined name, which browsers run as text:
  // a breach of the content security policy every visit. With a function of that name it ends quietly.
  window._pingServiceWorker = () => undefined;

  const here = document.currentScript.src;
  const root = new URL('../../../', here);

  const bridgePlugin = ({ IRenderMimeRegistry, Panel, Widget, CodeCell, editing, view }) => ({
    id: 'hunar-bridge:plugin',
    description: 'Opens, reads and runs the notebook for the portal that embeds this page.',
    autoStart: true,
    requires: [IRenderMimeRegistry, editing.IEditorExtensionRegistry],
    activate: async (app, registry, editors) => {
      addStyle(here.replace(/\.js$/, '.css'));
      directText();
      const lines = editing.EditorExtensionRegistry.createImmutableExtension(directLines(view));
      editors.addExtension({
        name: 'hunar-direction',
        factory: ({ model }) => (model.mimeType === MARKDOWN ? lines : null),
      });
      app.shell.menu.hide();
      if (window.parent === window) return;
      // While a notebook is open, a newer kept version waits (lab/keep/service-worker.js).
      navigator.locks?.request('hunar-notebook', { mode: 'shared' }, () => new Promise(() => undefined));
      const { portal } = await (await fetch(new URL('hunar.json', root), { cache: 'no-store' })).json();
      const bridge = new Bridge(app, portal, CodeCell);
      registry.addFactory(explainedErrors(registry, Panel, Widget, () => bridge.explanations), 0);
      bridge.listen();
      // Not app.restored: that waits for a document, and this page opens none by itself.
      app.started.then(filesReachable).then(() => bridge.tell({ event: 'ready' }));
    },
  });

  function resolved(schema, root) {
    const name = typeof schema?.$ref === 'string' && schema.$ref.match(/^#\/definitions\/(.+)$/)?.[1];
    return { ...(name ? root.definitions?.[name] : {}), ...schema };
  }

  function fillDefaults(value, schema, root) {
    for (const [key, reference] of Object.entries(schema.properties ?? {})) {
      const property = resolved(reference, root);
      if (value[key] === undefined && property.default !== undefined) value[key] = structuredClone(property.default);
      if (isObject(value[key])) fillDefaults(value[key], property, root);
      if (Array.isArray(value[key])) {
        const item = resolved(property.items, root);
        for (const entry of value[key]) if (isObject(entry)) fillDefaults(entry, item, root);
      }
    }
    return value;
  }

  // JupyterLab checks settings with generated code, which a strict content security policy forbids.
  // The settings here are checked when the site is built, and nobody can edit them: only defaults are filled in.
  const defaultsOnly = {
    validateData(plugin, populate = true) {
      const user = JSON.parse(plugin.raw.replace(/^\s*\/\/.*$/gm, '') || '{}');
      const composite = fillDefaults(structuredClone(user), plugin.schema, plugin.schema);
      if (populate) plugin.data = { composite, user };
      return null;
    },
  };

  async function settingsPlugin(shared) {
    const { ISettingConnector, ISettingRegistry, SettingRegistry } = await shared('@jupyterlab/settingregistry');
    return {
      id: 'hunar-bridge:settings',
      description: 'The setting registry, without generated code.',
      autoStart: true,
      provides: ISettingRegistry,
      requires: [ISettingConnector],
      activate: async (app, connector) => {
        const plugins = (await connector.list('active')).values.filter(plugin => app.hasPlugin(plugin.id));
        return new SettingRegistry({ connector, validator: defaultsOnly, plugins });
      },
    };
  }

  let scope = null;
  async function shared(name) {
    const [provider] = Object.values(scope[name]);
    return (await provider.get())();
  }

  const container = {
    init: shareScope => { scope = shareScope; },
    get: async name => {
      if (name !== './extension') throw new Error(`No module ${name}`);
      const { IRenderMimeRegistry } = await shared('@jupyterlab/rendermime');
      const { Panel, Widget } = await shared('@lumino/widgets');
      const { CodeCell } = await shared('@jupyterlab/cells');
      const [editing, view] = await Promise.all(['@jupyterlab/codemirror', '@codemirror/view'].map(shared));
      const bridge = bridgePlugin({ IRenderMimeRegistry, Panel, Widget, CodeCell, editing, view });
      const module = { __esModule: true, default: [await settingsPlugin(shared), bridge] };
      return () => module;
    },
  };
  (window._JUPYTERLAB ??= {})['hunar-bridge'] = container;
})();
