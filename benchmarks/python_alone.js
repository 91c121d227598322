async ({ code, page, files }) => {
  async function work(pyodide, code, files) {
    try {
      importScripts(pyodide);
      const python = await loadPyodide({ indexURL: pyodide.slice(0, pyodide.lastIndexOf('/') + 1) });
      const contents = files.map(async address => {
        const content = await (await fetch(address)).arrayBuffer();
        python.FS.writeFile(address.slice(address.lastIndexOf('/') + 1), new Uint8Array(content));
      });
      await Promise.all([python.loadPackagesFromImports(code), ...contents]);
      python.runPython(code);
      postMessage('done');
    } catch (error) {
      postMessage(String(error));
    }
  }

  const html = await (await fetch(page)).text();
  const { pyodide } = new DOMParser().parseFromString(html, 'text/html').querySelector('[data-pyodide]').dataset;
  const given = [new URL(pyodide, page).href, code, files].map(each => JSON.stringify(each)).join(', ');
  const worker = new Worker(URL.createObjectURL(new Blob([`(${work})(${given})`])));
  return new Promise(resolve => worker.addEventListener('message', ({ data }) => resolve(data)));
}
