/* A lab as trainees would get it: it runs, and nothing of it is kept. */
import { Bridge } from "./bridge.js";
import { CheckBar } from "./checkbar.js";
import { lab, say } from "./labstatus.js";
import { ownFiles } from "./ownfiles.js";

const READY_MS = 90000;

const frame = document.getElementById("lab-frame");
const bridge = new Bridge(frame, lab.dataset.origin, (name) => EVENTS[name]?.());
const checkBar = new CheckBar(bridge);

async function open() {
  clearTimeout(silence);
  const { path, name } = lab.dataset;
  try {
    const answer = await fetch(lab.dataset.notebook, { cache: "no-store" });
    if (!answer.ok) throw new Error(`the release was answered with ${answer.status}`);
    const explanations = JSON.parse(lab.dataset.explanations);
    const files = await ownFiles();
    await bridge.call("load", { path, name, explanations, files, notebook: await answer.json() });
    checkBar.enable();
    say("Open");
  } catch (error) {
    console.warn("preview not opened:", error.message);
    say("Silent");
  }
}

const EVENTS = { ready: open, executed: () => checkBar.ran() };

say("Opening");
const silence = setTimeout(() => say("Silent"), READY_MS);
frame.hidden = false;
frame.src = frame.dataset.address;
