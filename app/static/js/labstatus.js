/* The line above a notebook that says how it stands, in the sentences of its page. */
export const lab = document.getElementById("lab");

/* One of the page's sentences by its name, with its facts filled in. */
export const texts = (name, facts = {}) =>
  lab.dataset[`text${name}`].replace(/\{(\w+)\}/g, (whole, fact) => (fact in facts ? facts[fact] : whole));

const status = document.getElementById("lab-status");
/* These say themselves what became of what was handed in. */
const OF_SUBMITTING = ["Submitting", "SubmittedHere", "SubmittedNow", "SubmissionNotTaken"];

let standing = "";
let ofSubmission = "";

export const isSaid = (name) => status.dataset.state === name;

function show() {
  const sentences = OF_SUBMITTING.some(isSaid) ? [standing] : [standing, ofSubmission];
  const text = sentences.filter(Boolean).join(" · ");
  if (status.textContent !== text) status.textContent = text;
}

/* name: of one of the page's sentences. quiet: what happens every few seconds is shown, but not read out. */
export function say(name, facts = {}, { quiet = false } = {}) {
  standing = facts.text ?? texts(name, facts);
  status.setAttribute("aria-live", quiet ? "off" : "polite");
  status.dataset.state = name;
  show();
}

/* Said after how the notebook stands, for as long as it holds. name: as above, "" for nothing. */
export function sayOfSubmission(name) {
  const text = name && texts(name);
  if (text === ofSubmission) return;
  ofSubmission = text;
  status.setAttribute("aria-live", "polite");
  show();
}
