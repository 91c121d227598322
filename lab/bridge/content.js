// A notebook's content as it leaves for the portal: without what Jupyter adds, and no larger than it may be.
const MAX_SAID_CHARACTERS = 100000;

// Jupyter adds these while it works; they are not the trainee's and would change every hash.
export function cleaned(notebook, original) {
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

export function withoutOutputs(notebook) {
  const isCode = cell => cell.cell_type === 'code';
  const cells = notebook.cells.map(cell => (isCode(cell) ? { ...cell, outputs: [], execution_count: null } : cell));
  return { ...notebook, cells };
}

// What a verdict on a cell can hang on (app/static/js/check.js), however much else the cell shows.
export function said({ output_type: type, name, text, ename, evalue, data }) {
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
export const fits = (notebook, limit) => new Blob([JSON.stringify(notebook, null, 1)]).size <= limit;
