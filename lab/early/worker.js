// The kernel's worker, with Python begun before the kernel asks for it. See start.js, which gives it its name.
(() => {
  'use strict';

  const { kernel, pyodide, packages, imports } = JSON.parse(self.name);
  const fetchScripts = self.importScripts;
  fetchScripts(pyodide);
  const begun = begin(self.loadPyodide);

  // What the kernel would fetch and call itself is there already.
  const isHere = address => new URL(address, self.location.href).href === pyodide;
  self.importScripts = (...addresses) => fetchScripts(...addresses.filter(address => !isHere(address)));
  self.loadPyodide = () => begun;
  fetchScripts(kernel);

  async function begin(load) {
    const python = await load({ indexURL: pyodide.slice(0, pyodide.lastIndexOf('/') + 1), packages });
    const lines = ['pyodide_kernel', ...imports].map(name => `import ${name}`);
    await quietly(() => python.loadPackagesFromImports(lines.join('\n'), { messageCallback: () => undefined }));
    for (const line of lines) await quietly(() => python.runPython(line, { globals: python.toPy({}) }));
    return python;
  }

  // The cell that imports it says what is wrong.
  async function quietly(step) {
    try {
      await step();
    } catch (error) {
      console.warn('not loaded early:', error.message);
    }
  }
})();
