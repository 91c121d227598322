// The kernel's worker, with Python begun before the kernel asks for it. See start.js, which gives it its name.
(() => {
  'use strict';

  // Python's own way to unpack writes a lab's two thousand files through a buffer, which takes a second.
  const REGISTER = `
import shutil

def register(unpack):
    for name, extensions, _ in shutil.get_unpack_formats():
        if name in ("whl", "zip"):
            shutil.unregister_unpack_format(name)
            shutil.register_unpack_format(name, extensions, unpack)

register`;
  const { kernel, pyodide, unzip, packages, imports } = JSON.parse(self.name);
  const home = pyodide.slice(0, pyodide.lastIndexOf('/') + 1);
  const fetchScripts = self.importScripts;
  fetchScripts(pyodide, unzip);
  const begun = begin(self.loadPyodide);

  // What the kernel would fetch and call itself is there already.
  const isHere = address => new URL(address, self.location.href).href === pyodide;
  self.importScripts = (...addresses) => fetchScripts(...addresses.filter(address => !isHere(address)));
  self.loadPyodide = () => begun;
  fetchScripts(kernel);

  async function begin(load) {
    const asked = fetch(`${home}pyodide-lock.json`);
    const python = await load({ indexURL: home });
    python.runPython(REGISTER)((archive, folder) => unpack(python.FS, archive, folder));
    const lock = await (await asked).json();
    await python.loadPackage([...packages, ...imported(lock)], { messageCallback: () => undefined });
    for (const name of ['pyodide_kernel', ...imports]) {
      try {
        python.runPython(`import ${name}`, { globals: python.toPy({}) });
      } catch (error) {
        // The cell that imports it says what is wrong.
        console.warn('not loaded early:', error.message);
      }
    }
    return python;
  }

  // The packages of what is to be imported; what is in none of them is left to the cell that asks for it.
  function imported(lock) {
    const entries = Object.values(lock.packages);
    const owners = new Map(entries.flatMap(({ name, imports: modules }) => modules.map(module => [module, name])));
    return imports.map(name => owners.get(name.split('.')[0])).filter(Boolean);
  }

  function unpack(FS, archive, folder) {
    const made = new Set();
    for (const [name, content] of Object.entries(self.fflate.unzipSync(FS.readFile(archive)))) {
      const path = `${folder}/${name}`;
      const place = path.slice(0, path.lastIndexOf('/'));
      if (!made.has(place)) FS.mkdirTree(place);
      made.add(place);
      if (!name.endsWith('/')) FS.writeFile(path, content, { canOwn: true });
    }
  }
})();
