// node pyodide_replay.mjs <folder of pyodide> <numpy wheel> <simulations wheel> <python file>
// Runs the Python file in Pyodide with both wheels installed and prints what its last line gives.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [folder, numpyWheel, simulationsWheel, script] = process.argv.slice(2);
try {
  const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
  const pyodide = await loadPyodide({ indexURL: folder });
  for (const wheel of [numpyWheel, simulationsWheel]) {
    pyodide.unpackArchive(new Uint8Array(await readFile(wheel)), "wheel");
  }
  console.log(pyodide.runPython(await readFile(script, "utf8")));
} catch (error) {
  // node would print the whole minified line that threw
  console.error(error.message);
  process.exitCode = 1;
}
