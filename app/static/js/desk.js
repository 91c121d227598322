/* The totals of a decision while it is typed, and what is written, kept in this tab until it is sent.
   The server checks every form; without this file the desk works the same, only quieter. */
import { readNumber } from "./numbers.js";

function fill(form, output) {
  const names = output.dataset.fields.split(" ");
  const sum = names.reduce((total, name) => total + (readNumber(form.elements[name].value) || 0), 0);
  const gap = Math.round((Number(output.dataset.total) - sum) * 1e6) / 1e6;
  const sentence = gap === 0 ? output.dataset.right : gap > 0 ? output.dataset.short : output.dataset.over;
  const text = sentence.replace("{sum}", String(Math.round(sum * 1e6) / 1e6)).replace("{gap}", String(Math.abs(gap)));
  if (output.textContent !== text) output.textContent = text;
}

function restoreDraft(key, fields) {
  const draft = JSON.parse(sessionStorage.getItem(key) ?? "{}");
  for (const field of fields) if (field.name in draft) field.value = draft[field.name];
}

function keepDraft(form, key) {
  const fields = [...form.elements].filter((field) => field.name && field.type !== "hidden");
  if (!("refused" in form.dataset)) restoreDraft(key, fields);
  form.addEventListener("input", () => {
    const draft = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    sessionStorage.setItem(key, JSON.stringify(draft));
  });
}

/* Once for the forms that come to the page. */
export function attend(page) {
  for (const form of page.querySelectorAll("form[data-draft], form[data-totals]")) {
    const outputs = form.querySelectorAll("output[data-total]");
    const show = () => outputs.forEach((output) => fill(form, output));
    if (form.dataset.draft) keepDraft(form, form.dataset.draft);
    form.addEventListener("input", show);
    show();
  }
}

attend(document);
