/* What each cell of a source is to nbgrader: shown as a list, and set for the cell that is active in the notebook. */
import { lab, texts } from "./labstatus.js";
import { readNumber } from "./numbers.js";

const NAME = /^[A-Za-z0-9_-]{1,80}$/;
const MOST_POINTS = 1000;
const FLAGS = ["grade", "solution", "locked", "task"];
const WRAPPED = { solution: ["SOLUTION"], answer: ["SOLUTION"], tests: ["HIDDEN TESTS"] };

const kinds = JSON.parse(lab.dataset.kinds);
const kindNamed = (name) => kinds.find(({ kind }) => kind === name);

/* As nbgrader reads the flags: what is tested or answered counts before what is locked. */
function kindOf({ nbgrader }) {
  if (!nbgrader) return "ordinary";
  const { grade, solution, locked, task } = nbgrader;
  if (task) return "task";
  if (grade) return solution ? "answer" : "tests";
  if (solution) return "solution";
  return locked ? "read-only" : "ordinary";
}

export class Cells {
  #cells = [];
  #active = null;
  #shown = "";

  constructor(bridge) {
    this.bridge = bridge;
    this.panel = document.getElementById("cells");
    this.list = document.getElementById("cell-list");
    this.form = document.getElementById("cell-form");
    this.kind = document.getElementById("cell-kind");
    this.points = document.getElementById("cell-points");
    this.name = document.getElementById("cell-name");
    this.level = document.getElementById("cell-level");
    this.skills = [...this.form.querySelectorAll("[name=competency]")];
    this.list.addEventListener("click", (event) => this.#choose(event));
    this.form.addEventListener("change", () => this.#apply());
    this.form.addEventListener("click", (event) => this.#wrap(event));
  }

  /* The notebook was opened or changed. */
  async refresh() {
    const { cells, active } = await this.bridge.call("cells");
    const state = JSON.stringify([cells, active]);
    if (state === this.#shown) return;
    this.#shown = state;
    const isOther = active !== this.#active?.id;
    this.#cells = cells;
    this.#active = cells.find(({ id }) => id === active) ?? null;
    this.panel.hidden = false;
    this.#showList();
    this.form.hidden = !this.#active;
    if (this.#active && (isOther || !this.form.contains(document.activeElement))) this.#fill();
  }

  #showList() {
    const focused = document.activeElement?.dataset.cell;
    this.list.replaceChildren(...this.#cells.map((cell, index) => this.#item(cell, index)));
    if (focused) this.list.querySelector(`[data-cell="${CSS.escape(focused)}"]`)?.focus();
    this.list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  #item(cell, index) {
    const item = document.getElementById("cell-item").content.cloneNode(true).firstElementChild;
    const kind = kindNamed(kindOf(cell));
    const button = item.querySelector("button");
    button.dataset.cell = cell.id;
    if (cell === this.#active) button.setAttribute("aria-current", "true");
    const part = (name) => item.querySelector(`[data-part=${name}]`);
    part("number").textContent = texts("Cell", { number: index + 1 });
    part("kind").textContent = kind.label;
    part("points").textContent = texts("Points", { points: cell.nbgrader?.points ?? "?" });
    part("points").hidden = !kind.has_points;
    part("text").textContent = cell.text;
    return item;
  }

  /* The fields say what the notebook says. */
  #fill() {
    const { type, nbgrader, hunar } = this.#active;
    document.getElementById("cell-heading").textContent = texts("Cell", { number: this.#number(this.#active) });
    this.kind.value = kindOf(this.#active);
    for (const option of this.kind.options) option.disabled = !kindNamed(option.value).cell_types.includes(type);
    this.points.value = nbgrader?.points ?? "";
    this.name.value = nbgrader?.grade_id ?? "";
    this.level.value = String(hunar?.level ?? 1);
    for (const skill of this.skills) skill.checked = (hunar?.competencies ?? []).includes(skill.value);
    this.#complain("points", "");
    this.#complain("name", "");
    this.#showFields();
  }

  #showFields() {
    const { kind, has_points: hasPoints } = kindNamed(this.kind.value);
    for (const hint of this.form.querySelectorAll("[data-kind]")) hint.hidden = hint.dataset.kind !== kind;
    document.getElementById("cell-marking").hidden = kind === "ordinary";
    document.getElementById("cell-points-field").hidden = !hasPoints;
    document.getElementById("cell-skills").hidden = !hasPoints;
    const wrapped = WRAPPED[kind] ?? [];
    for (const button of this.form.querySelectorAll("[data-wrap]")) button.hidden = !wrapped.includes(button.dataset.wrap);
    document.getElementById("cell-wrap-hint").hidden = wrapped.length === 0;
  }

  #number(cell) {
    return this.#cells.findIndex(({ id }) => id === cell.id) + 1;
  }

  #complain(field, sentence) {
    const error = document.getElementById(`cell-${field}-error`);
    error.textContent = sentence;
    error.hidden = !sentence;
    if (sentence) this[field].setAttribute("aria-invalid", "true");
    else this[field].removeAttribute("aria-invalid");
  }

  /* What was chosen goes into the notebook, unless a field holds what cannot be. */
  async #apply() {
    const { kind, flags, has_points: hasPoints } = kindNamed(this.kind.value);
    this.#propose(kind, hasPoints);
    this.#showFields();
    const isRight = kind === "ordinary" || (this.#isNameRight() & (!hasPoints || this.#arePointsRight()));
    if (!isRight) return;
    const marking = flags && Object.fromEntries(FLAGS.map((flag, index) => [flag, flags[index]]));
    const points = hasPoints ? { points: readNumber(this.points.value) } : {};
    await this.bridge.call("mark", {
      cell: this.#active.id,
      nbgrader: marking && { ...marking, ...points, grade_id: this.name.value.trim(), schema_version: 3 },
      hunar: hasPoints ? { competencies: this.#skillsChosen(), level: Number(this.level.value) } : null,
    });
    await this.refresh();
  }

  /* A cell that gets a new role starts with a free name, a point and the lab's first skill. */
  #propose(kind, hasPoints) {
    if (kind === "ordinary") return;
    if (!this.name.value.trim()) {
      const taken = new Set(this.#cells.map(({ nbgrader }) => nbgrader?.grade_id));
      let number = 1;
      while (taken.has(`${kind}-${number}`)) number += 1;
      this.name.value = `${kind}-${number}`;
    }
    if (!hasPoints) return;
    if (!this.points.value.trim()) this.points.value = "1";
    if (!this.#active.hunar && this.#skillsChosen().length === 0 && this.skills.length > 0) this.skills[0].checked = true;
  }

  /* Skills that the module does not list stay with the cell. */
  #skillsChosen() {
    const listed = this.skills.map(({ value }) => value);
    const others = (this.#active.hunar?.competencies ?? []).filter((code) => !listed.includes(code));
    return [...this.skills.filter(({ checked }) => checked).map(({ value }) => value), ...others];
  }

  #isNameRight() {
    const name = this.name.value.trim();
    const other = this.#cells.find(({ id, nbgrader }) => id !== this.#active.id && nbgrader?.grade_id === name);
    const taken = other ? texts("NameTaken", { number: this.#number(other) }) : "";
    const sentence = NAME.test(name) ? taken : texts("NameWrong");
    this.#complain("name", sentence);
    return !sentence;
  }

  #arePointsRight() {
    const points = readNumber(this.points.value);
    const isRight = points >= 0 && points <= MOST_POINTS;
    this.#complain("points", isRight ? "" : texts("PointsWrong"));
    return isRight;
  }

  async #choose(event) {
    const button = event.target.closest("button");
    if (!button) return;
    await this.bridge.call("choose", { cell: button.dataset.cell });
    await this.refresh();
  }

  async #wrap(event) {
    const name = event.target.dataset.wrap;
    if (!name) return;
    await this.bridge.call("wrap", { cell: this.#active.id, before: `### BEGIN ${name}`, after: `### END ${name}` });
  }
}
