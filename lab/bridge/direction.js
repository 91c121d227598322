// Which way text runs, shown and while it is written (docs/notebooks.md).
const MARKDOWN = 'text/x-ipythongfm';

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
export function directText() {
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

// The editors of text cells, and no others.
export function directEditors(editors, editing, view) {
  const lines = editing.EditorExtensionRegistry.createImmutableExtension(directLines(view));
  editors.addExtension({
    name: 'hunar-direction',
    factory: ({ model }) => (model.mimeType === MARKDOWN ? lines : null),
  });
}
