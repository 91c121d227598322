/* The visible tests, run here before anything is handed in, and read as the grader reads them (docs/grading.md). */
import { meaningOf } from "./meaning.js";

const CHECK_MS = 600000;
const MOST_CHARACTERS = 300;
const EMPTY = { outputs: [] };

const ARABIC_LETTER = /[\u0620-\u064A\u066E-\u06D3\u06FA-\u06FF]/;

const joined = (text) => (Array.isArray(text) ? text.join("") : text);
const lines = (text) => text.split("\n").filter((line) => line.trim());

/* Pyodide's kernel names an exception "<class 'KeyError'>". */
const shortName = (name) => name.match(/(\w+)'>$/)?.[1] ?? name;

function shortened(message) {
  const flat = message.split(/\s+/).join(" ").trim();
  return flat.length > MOST_CHARACTERS ? `${flat.slice(0, MOST_CHARACTERS - 1)}…` : flat;
}

function failure(output) {
  if (output.output_type === "error") {
    const detail = lines(output.evalue).pop();
    return shortened(detail ? `${shortName(output.ename)}: ${detail}` : shortName(output.ename));
  }
  return output.name === "stderr" ? shortened(lines(joined(output.text)).pop() ?? "") : null;
}

/* What a test said of a wrong answer, in the reader's language where its author wrote both (app/gradebook/wording.py). */
function saidByTest(message) {
  const said = message.replace(/^AssertionError:?/, "").trim();
  const texts = new Map(said.split(" | ").map((part) => [ARABIC_LETTER.test(part), part]));
  const isInBoth = said.split(" | ").length === 2 && texts.size === 2;
  return isInBoth ? texts.get(document.documentElement.lang === "ur") : said;
}

/* {verdict, message, score} of a test cell: nbgrader's rules, the first output that says anything decides. */
function verdictOf({ outputs }, points) {
  for (const output of outputs) {
    const message = failure(output);
    if (message?.startsWith("AssertionError")) return { verdict: "wrong", message: saidByTest(message) };
    if (message !== null) return { verdict: "broken", message };
    if (output.output_type !== "execute_result") continue;
    const score = Number(joined(output.data["text/plain"]));
    return score >= 0 && score < points ? { verdict: "part", score } : { verdict: "passed" };
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

/* Runs the notebook from the top, also past cells that fail, and shows what its tests found; how many of how many pass. */
export async function check(bridge, table) {
  table.hidden = true;
  await bridge.call("check", {}, CHECK_MS);
  const { notebook } = await bridge.call("snapshot");
  const cells = new Map(notebook.cells.map((cell) => [cell.metadata.nbgrader?.grade_id, { ...EMPTY, ...cell }]));
  const verdicts = [...table.querySelectorAll("[data-cell]")].map((row) => show(row, cells.get(row.dataset.cell)));
  table.hidden = false;
  return { count: verdicts.length, passed: verdicts.filter((verdict) => verdict === "passed").length };
}
