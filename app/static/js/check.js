/* The visible tests, run here before anything is handed in, and read as the grader reads them (docs/grading.md). */
import { meaningOf } from "./meaning.js";

const CHECK_MS = 600000;
const MOST_CHARACTERS = 300;

const ARABIC_LETTER = /[\u0620-\u064A\u066E-\u06D3\u06FA-\u06FF]/;

const joined = (text) => (Array.isArray(text) ? text.join("") : text);
const lines = (text) => text.split("\n").filter((line) => line.trim());

/* Pyodide's kernel names an exception "<class 'KeyError'>". */
const shortName = (name) => name.match(/(\w+)'>$/)?.[1] ?? name;

function shortened(message) {
  const flat = message.split(/\s+/).join(" ").trim();
  return flat.length > MOST_CHARACTERS ? `${flat.slice(0, MOST_CHARACTERS - 1)}…` : flat;
}

/* What a test said of a wrong answer, in the reader's language where its author wrote both (app/gradebook/wording.py). */
function saidByTest(message) {
  const said = message.replace(/^AssertionError:?/, "").trim();
  const texts = new Map(said.split(" | ").map((part) => [ARABIC_LETTER.test(part), part]));
  const isInBoth = said.split(" | ").length === 2 && texts.size === 2;
  return isInBoth ? texts.get(document.documentElement.lang === "ur") : said;
}

const isError = (output) => output.output_type === "error";

/* {verdict, message} of a test that fails: of its error rather than of what was printed before that. */
function failure(outputs) {
  const error = outputs.find(isError);
  if (!error) {
    const { text } = outputs.find(({ name }) => name === "stderr");
    return { verdict: "warned", message: shortened(lines(joined(text)).pop() ?? "") };
  }
  const detail = lines(error.evalue).pop();
  const message = shortened(detail ? `${shortName(error.ename)}: ${detail}` : shortName(error.ename));
  if (message.startsWith("AssertionError")) return { verdict: "wrong", message: saidByTest(message) };
  return { verdict: "broken", message };
}

/* {verdict, message, score} of a test cell: nbgrader's rules, the first output that says anything decides. */
function verdictOf({ outputs }, points) {
  for (const output of outputs) {
    if (isError(output) || output.name === "stderr") return failure(outputs);
    if (output.output_type !== "execute_result") continue;
    const score = Number(joined(output.data["text/plain"]));
    if (score > points || score < 0) return { verdict: "unscored" };
    return score < points ? { verdict: "part", score } : { verdict: "passed" };
  }
  return { verdict: "passed" };
}

function show(row, cell) {
  const found = cell ? verdictOf(cell, Number(row.dataset.points)) : { verdict: "missing" };
  for (const each of row.querySelectorAll("[data-verdict]")) each.hidden = each.dataset.verdict !== found.verdict;
  for (const each of row.querySelectorAll(".cell-message")) each.textContent = found.message ?? "";
  for (const each of row.querySelectorAll(".cell-meaning")) each.replaceChildren(...meaningOf(found.message ?? ""));
  for (const each of row.querySelectorAll("[data-score]")) each.textContent = found.score ?? "";
  return found.verdict;
}

/* What the table calls a cell, else its name for grading. */
const titleOf = (table, name) =>
  table.querySelector(`[data-cell="${CSS.escape(name)}"] th`)?.textContent.trim() ?? name;

/* The first name for grading that two cells bear; the academy grades nothing of such a notebook. */
function nameThatIsThereTwice(cells) {
  const markings = cells.map(({ nbgrader }) => nbgrader ?? {});
  const counted = markings.filter(({ grade, solution, locked }) => grade || solution || locked);
  const names = counted.map(({ grade_id: name }) => name).filter(Boolean);
  return names.find((name, place) => names.indexOf(name) < place);
}

/* Runs the notebook from the top, also past cells that fail, and shows what its tests found: how many of how many pass,
   or the cell that is there twice. */
export async function check(bridge, table) {
  table.hidden = true;
  const twice = nameThatIsThereTwice((await bridge.call("cells")).cells);
  if (twice) return { twice: titleOf(table, twice) };
  await bridge.call("check", {}, CHECK_MS);
  const { cells: results } = await bridge.call("results");
  const cells = new Map(results.map((cell) => [cell.name, cell]));
  const verdicts = [...table.querySelectorAll("[data-cell]")].map((row) => show(row, cells.get(row.dataset.cell)));
  table.hidden = false;
  return { count: verdicts.length, passed: verdicts.filter((verdict) => verdict === "passed").length };
}
