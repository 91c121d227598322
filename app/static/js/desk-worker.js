/* Plays the desk of a simulation in Python on this device: app/desk/device.py, in Pyodide. Our own code alone runs here. */
"use strict";

const PACKED = ["numpy.whl", "desk.zip"];
const PLACE = "/desk";

async function start(runtime) {
  self.importScripts(`${runtime}pyodide.js`);
  const pyodide = await self.loadPyodide({ indexURL: runtime });
  for (const name of PACKED) {
    const answer = await fetch(runtime + name);
    if (!answer.ok) throw new Error(`${name} was answered with ${answer.status}`);
    pyodide.unpackArchive(await answer.arrayBuffer(), "zip", { extractDir: PLACE });
  }
  pyodide.pyimport("sys").path.insert(0, PLACE);
  return pyodide.pyimport("app.desk.device").answer;
}

let started = null;

/* question: what `answer` of app/desk/device.py takes, as an object. */
self.addEventListener("message", async ({ data: { id, runtime, question } }) => {
  try {
    started ??= start(runtime);
    const answer = await started;
    self.postMessage({ id, answer: JSON.parse(answer(JSON.stringify(question))) });
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
});
