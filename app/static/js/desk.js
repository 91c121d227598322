/* The totals of a decision while it is typed, and its draft kept in this tab while questions are asked.
   The server checks every form; without this file the desk works the same, only quieter. */
/* What app/core/numbers.py reads: Western, Arabic or Urdu digits, either decimal sign; 0 where there is no number. */
function readNumber(typed) {
  const western = typed.replace(/[٠-٩۰-۹]/g, (sign) => String(sign.charCodeAt(0) & 15));
  return Number(western.replaceAll("٫", ".").replace(/[,٬%٪]/g, "")) || 0;
}

function fill(form, output) {
  const names = output.dataset.fields.split(" ");
  const sum = names.reduce((total, name) => total + readNumber(form.elements[name].value), 0);
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

/* Once for each form that comes to the page. */
export function attend(page) {
  const form = page.querySelector("form[data-decision], form[data-totals]");
  if (!form) return;
  const outputs = form.querySelectorAll("output[data-total]");
  const show = () => outputs.forEach((output) => fill(form, output));
  if (form.dataset.decision) keepDraft(form, `decision-${form.dataset.decision}`);
  form.addEventListener("input", show);
  show();
}

attend(document);
