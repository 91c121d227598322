// node desk_in_pyodide.mjs <folder of pyodide> <packed folder> <questions, JSON>
// Answers each question as app/static/js/desk-worker.js does, and prints the answers as JSON.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [folder, packed, questions] = process.argv.slice(2);
try {
  const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
  const pyodide = await loadPyodide({ indexURL: folder });
  for (const name of ["numpy.whl", "desk.zip"]) {
    pyodide.unpackArchive(new Uint8Array(await readFile(`${packed}/${name}`)), "zip", { extractDir: "/desk" });
  }
  pyodide.pyimport("sys").path.insert(0, "/desk");
  const answer = pyodide.pyimport("app.desk.device").answer;
  console.log(JSON.stringify(JSON.parse(questions).map((question) => JSON.parse(answer(JSON.stringify(question))))));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
