// What the portal's page can ask for; lab/README.md lists it.
import { choose, described, mark, wrap } from './cells.js';
import { MAX_NOTEBOOK_CHARACTERS, Refused } from './checked.js';
import { checkedExplanations, checkedFiles, checkedLine, checkedMarking, checkedNotebook, checkedPath } from './checked.js';

// inTurn: those that replace the notebook or run it wait for each other; reading never waits for a run.
export const OPERATIONS = {
  load: {
    inTurn: true,
    act: (notebook, args) => {
      const name = typeof args.name === 'string' ? args.name.slice(0, 200) : '';
      const explanations = checkedExplanations(args.explanations ?? []);
      const files = checkedFiles(args.files ?? []);
      return notebook.load(checkedPath(args.path), name, checkedNotebook(args.notebook), explanations, files);
    },
  },
  snapshot: {
    inTurn: false,
    act: async (notebook, args) => {
      if (args.announce === true) notebook.announceNow();
      if (args.limit === undefined) return { notebook: checkedNotebook(notebook.snapshot()) };
      if (!Number.isSafeInteger(args.limit)) throw new Refused('args.limit must be a number of bytes.');
      return notebook.snapshotWithin(Math.min(args.limit, MAX_NOTEBOOK_CHARACTERS));
    },
  },
  runAll: {
    inTurn: true,
    act: async notebook => {
      notebook.app.shell.activateById(notebook.open.id);
      await notebook.open.context.sessionContext.ready;
      const finished = await notebook.app.commands.execute('notebook:run-all-cells', { activate: false });
      return { finished: finished !== false };
    },
  },
  check: {
    inTurn: true,
    act: notebook => notebook.runFresh(),
  },
  results: {
    inTurn: false,
    act: async notebook => ({ cells: notebook.results() }),
  },
  // Not in turn: it must get past a cell that never ends.
  restart: {
    inTurn: false,
    act: async notebook => {
      const panel = notebook.open;
      await panel.context.sessionContext.restartKernel();
      return {};
    },
  },
  stop: {
    inTurn: false,
    act: async notebook => {
      await notebook.stop();
      return {};
    },
  },
  // For authors: what each cell is, and to say it.
  cells: {
    inTurn: false,
    act: async notebook => ({
      cells: notebook.open.content.widgets.map(described),
      active: notebook.open.content.activeCell?.model.id ?? null,
    }),
  },
  mark: {
    inTurn: false,
    act: async (notebook, args) => {
      const marking = { nbgrader: checkedMarking(args.nbgrader ?? null), hunar: checkedMarking(args.hunar ?? null) };
      mark(notebook.open.content, args.cell, marking);
      notebook.changeSoon(notebook.open);
      return {};
    },
  },
  wrap: {
    inTurn: false,
    act: async (notebook, args) => {
      wrap(notebook.open.content, args.cell, checkedLine(args.before), checkedLine(args.after));
      return {};
    },
  },
  choose: {
    inTurn: false,
    act: async (notebook, args) => {
      await choose(notebook.open.content, args.cell);
      return {};
    },
  },
  menus: {
    inTurn: false,
    act: async (notebook, args) => {
      if (typeof args.shown !== 'boolean') throw new Refused('args.shown must be true or false.');
      notebook.app.shell.menu.setHidden(!args.shown);
      return {};
    },
  },
  focus: {
    inTurn: false,
    act: async notebook => {
      notebook.app.shell.activateById(notebook.open.id);
      notebook.open.content.activate();
      notebook.open.content.node.focus();
      return {};
    },
  },
};
