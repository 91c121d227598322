/* The line above a notebook that says how it stands, in the sentences of its page. */
export const lab = document.getElementById("lab");

/* One of the page's sentences by its name, with its facts filled in. */
export const texts = (name, facts = {}) =>
  lab.dataset[`text${name}`].replace(/\{(\w+)\}/g, (whole, fact) => (fact in facts ? facts[fact] : whole));

const status = document.getElementById("lab-status");

export const isSaid = (name) => status.dataset.state === name;

/* name: of one of the page's sentences. quiet: what happens every few seconds is shown, but not read out. */
export function say(name, facts = {}, { quiet = false } = {}) {
  const text = facts.text ?? texts(name, facts);
  status.setAttribute("aria-live", quiet ? "off" : "polite");
  status.dataset.state = name;
  if (status.textContent !== text) status.textContent = text;
}
