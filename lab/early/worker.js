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
  const { kernel, pyodide, unzip, packages, imports, link, isHere } = JSON.parse(self.name);
  const home = pyodide.slice(0, pyodide.lastIndexOf('/') + 1);
  const fetchScripts = self.importScripts;
  countBytes();
  fetchScripts(pyodide, unzip);
  const begun = begin(self.loadPyodide);

  // What the kernel would fetch and call itself is there already.
  const isPython = address => new URL(address, self.location.href).href === pyodide;
  self.importScripts = (...addresses) => fetchScripts(...addresses.filter(address => !isPython(address)));
  self.loadPyodide = () => begun;
  fetchScripts(kernel);

  async function begin(load) {
    const asked = fetch(`${home}pyodide-lock.json`);
    const python = await load({ indexURL: home });
    python.runPython(REGISTER)((archive, folder) => unpack(python.FS, archive, folder));
    const lock = await (await asked).json();
    const libraries = imported(lock);
    await python.loadPackage([...packages, ...libraries], { messageCallback: () => undefined });
    for (const name of ['pyodide_kernel', 'piplite.graders_python', ...imports]) {
      try {
        python.runPython(`import ${name}`, { globals: python.toPy({}) });
      } catch (error) {
        // The cell that imports it says what is wrong.
        console.warn('not loaded early:', error.message);
      }
    }
    if (libraries.every(name => name in python.loadedPackages)) postMessage({ loaded: true });
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

  // Tells the page what comes. A browser keeps what it compiled of WebAssembly only of an answer that nobody counted: its
  // size is told when all of it is here, except where that takes a minute.
  function countBytes() {
    const fetchWhole = self.fetch;
    const isStreamed = address => !isHere && (link === 'slow' || !address.endsWith('.wasm'));
    self.fetch = async (...asked) => {
      const answer = await fetchWhole(...asked);
      const length = Number(answer.headers.get('Hunar-Length'));
      if (!length || !answer.body || !isStreamed(answer.url)) return answer;
      const share = Number(answer.headers.get('Content-Length')) / length;
      const counted = new TransformStream({
        transform(chunk, controller) {
          postMessage({ arrived: chunk.byteLength * share });
          controller.enqueue(chunk);
        },
      });
      return new Response(answer.body.pipeThrough(counted), answer);
    };
    new PerformanceObserver(list => {
      const whole = list.getEntries().filter(entry => entry.initiatorType !== 'fetch' || !isStreamed(entry.name));
      for (const { encodedBodySize, transferSize } of whole) {
        if (!isHere || transferSize >= encodedBodySize) postMessage({ arrived: encodedBodySize });
      }
    }).observe({ type: 'resource', buffered: true });
  }
})();
