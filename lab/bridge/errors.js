// Errors as Jupyter shows them, each with a sentence that says what it means.
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
export function explainedErrors(registry, Panel, Widget, explanations) {
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
