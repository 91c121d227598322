/* What it means that a test could not run: the sentence that the page of results shows too (app/notebooks/explanations.py). */
import { lab } from "./labstatus.js";

const explanations = () => JSON.parse(lab.dataset.explanations);

/* As nodes, its code as code; none where no explanation is for it, or only the traceback would tell which. */
export function meaningOf(message) {
  const [error, ...rest] = message.split(": ");
  for (const { names, says, through, sentence } of explanations()) {
    const found = names.includes(error) && new RegExp(says, "s").exec(rest.join(": "));
    if (found) return through ? [] : withCode(sentence, { error, ...found.groups });
  }
  return [];
}

function withCode(sentence, quoted) {
  return sentence.split(/(\{\w+\}|`[^`]+`)/).map((part) => {
    if (!/^[{`]/.test(part)) return part;
    const code = document.createElement("code");
    code.dir = "ltr";
    code.textContent = part.startsWith("`") ? part.slice(1, -1) : quoted[part.slice(1, -1)];
    return code;
  });
}
