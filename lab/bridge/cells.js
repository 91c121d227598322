// Cells for their author: what each is, marks around its lines, and which one is chosen.
import { Refused } from './checked.js';

const MAX_FIRST_LINE_CHARACTERS = 120;

export function described(cell) {
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

function cellWith({ widgets }, id) {
  const found = widgets.findIndex(cell => cell.model.id === id);
  if (found < 0) throw new Refused('There is no such cell any more.');
  return found;
}

export function mark(content, id, marking) {
  const { model } = content.widgets[cellWith(content, id)];
  for (const [key, value] of Object.entries(marking)) {
    if (value === null) model.deleteMetadata(key);
    else model.setMetadata(key, value);
  }
}

// Around the lines that are selected in the cell, else around all of it, as far in as the first of them: what takes
// their place in the release is put there by where the mark stands.
export function wrap(content, id, before, after) {
  const cell = content.widgets[cellWith(content, id)];
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

export function choose(content, id) {
  const index = cellWith(content, id);
  content.activeCellIndex = index;
  content.deselectAll();
  return content.scrollToItem(index, 'smart');
}
