// node compile.mjs <folder of pyodide> <compile.py> <folder of archives> < places
// Compiles the sources in archives in place; places: JSON of where Python finds each archive's members, by name.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, program, archives] = process.argv.slice(2);
try {
  const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
  // Columns of each instruction would make a third of the bytecode, for marks under a line that a traceback cannot show.
  const python = await loadPyodide({ indexURL: folder, env: { PYTHONNODEBUGRANGES: "1" } });
  python.mountNodeFS("/archives", archives);
  python.runPython(readFileSync(program, "utf8"));
  const compile = python.globals.get("compile_archive");
  for (const [name, place] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) compile(`/archives/${name}`, place);
} catch (error) {
  // node would print the whole minified line that threw
  console.error(error.message);
  process.exitCode = 1;
}
