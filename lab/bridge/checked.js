// What the portal's page may send: each argument is taken as it is meant to be, or refused with a sentence for the log.
export const MAX_NOTEBOOK_CHARACTERS = 8 * 1024 * 1024;
const MAX_MARKING_CHARACTERS = 10000;
const MAX_FILES = 20;
const MAX_FILES_CHARACTERS = 128 * 1024 * 1024;
const PATH = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/){0,4}[A-Za-z0-9_-][A-Za-z0-9._-]*\.ipynb$/;
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

export class Refused extends Error {}

export const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value);

export function checkedNotebook(notebook) {
  if (!isObject(notebook) || !Array.isArray(notebook.cells) || notebook.nbformat !== 4) {
    throw new Refused('args.notebook must be a notebook of format 4 with a list of cells.');
  }
  if (JSON.stringify(notebook).length > MAX_NOTEBOOK_CHARACTERS) {
    throw new Refused(`The notebook is larger than ${MAX_NOTEBOOK_CHARACTERS} characters.`);
  }
  return notebook;
}

export function checkedPath(path) {
  if (typeof path !== 'string' || path.length > 200 || !PATH.test(path)) {
    throw new Refused('args.path must be like module/notebook/work.ipynb.');
  }
  return path;
}

export function checkedExplanations(list) {
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
export function checkedFiles(list) {
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
export function checkedMarking(marking) {
  if (marking !== null && !isObject(marking)) throw new Refused('args.nbgrader and args.hunar must be objects or null.');
  if (JSON.stringify(marking).length > MAX_MARKING_CHARACTERS) throw new Refused('The marking is too large.');
  return marking;
}

export function checkedLine(line) {
  if (typeof line !== 'string' || line.length > 200 || line.includes('\n')) {
    throw new Refused('args.before and args.after must be lines of at most 200 characters.');
  }
  return line;
}
