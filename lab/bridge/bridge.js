// The only door between the portal's page and the notebook. See lab/README.md for the messages.
// A module-federation container written by hand: JupyterLab shares its modules, so no bundler is needed. The build makes one
// script of this file and those that it imports (lab/one_script.py).
import { directEditors, directText } from './direction.js';
import { Door } from './door.js';
import { explainedErrors } from './errors.js';
import { executorPlugin } from './executor.js';
import { OpenNotebook } from './notebook.js';
import { OPERATIONS } from './operations.js';
import { settingsPlugin } from './settings.js';

const SERVICE_WORKER_WAIT_MS = 10000;

// Without a controlling service worker Python does not see the data file that lies beside the notebook.
async function filesReachable() {
  const container = navigator.serviceWorker;
  if (!container || container.controller) return;
  await new Promise(resolve => {
    container.addEventListener('controllerchange', resolve, { once: true });
    window.setTimeout(resolve, SERVICE_WORKER_WAIT_MS);
  });
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
    directEditors(editors, editing, view);
    app.shell.menu.hide();
    if (window.parent === window) return;
    // While a notebook is open, a newer kept version waits (lab/keep/service-worker.js).
    navigator.locks?.request('hunar-notebook', { mode: 'shared' }, () => new Promise(() => undefined));
    const { portal } = await (await fetch(new URL('hunar.json', root), { cache: 'no-store' })).json();
    const door = new Door(portal);
    const notebook = new OpenNotebook(app, event => door.tell(event), CodeCell);
    registry.addFactory(explainedErrors(registry, Panel, Widget, () => notebook.explanations), 0);
    door.listen(OPERATIONS, notebook);
    // Not app.restored: that waits for a document, and this page opens none by itself.
    app.started.then(filesReachable).then(() => door.tell({ event: 'ready' }));
  },
});

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
    const plugins = [await settingsPlugin(shared), await executorPlugin(shared), bridge];
    const module = { __esModule: true, default: plugins };
    return () => module;
  },
};
(window._JUPYTERLAB ??= {})['hunar-bridge'] = container;
