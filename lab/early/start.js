// Python starts while Jupyter's own program is still being loaded, in a worker that Jupyter gets when it asks for one.
// The page that embeds this one says after "#imports=" what the notebook imports, and that is loaded meanwhile too.
(() => {
  'use strict';

  const IMPORTS = /^#imports=([A-Za-z_][\w.,]{0,999})$/;
  // Below this many kilobits a second, what one can see and read is fetched first.
  const FAST = 2000;
  const TELL_MS = 500;
  // What this browser has had of Python, by the address of its program and the names of libraries.
  const HERE = 'hunar-python-here';
  const { first, worker, kernel, pyodide, unzip, packages } = document.currentScript.dataset;
  const absolute = address => new URL(address, document.baseURI).href;
  const kernelAddress = absolute(kernel);
  const Usual = window.Worker;
  let early = null;
  let isAsked = false;
  // How the page's first file came: "fast" (also where it had not changed since the last visit) or "slow".
  let link = '';

  // JupyterLite unregisters the service worker on a second visit, taking it for an old one: its cells would find no data, and
  // later visits nothing that is kept. The browser itself takes a newer one.
  if (window.ServiceWorkerRegistration) ServiceWorkerRegistration.prototype.unregister = async () => false;

  if (window.parent === window) return;

  const imports = (window.location.hash.match(IMPORTS)?.[1] ?? '').split(',').filter(Boolean);
  const needed = [absolute(pyodide), ...imports];
  const had = remembered();
  let isHere = needed.every(name => had.includes(name));

  // On a visit that gets what was not here before, all bytes of the opening are counted, also those that an earlier visit,
  // broken off, has left in the browser; on others what comes over the link although it was here.
  let arrived = 0;
  let isToTell = false;
  const seen = new Set();

  function remembered() {
    try {
      return [JSON.parse(localStorage.getItem(HERE))].flat();
    } catch {
      // Where a browser lets frames store nothing, each visit is like the first.
      return [];
    }
  }

  function remember() {
    if (isHere) return;
    isHere = true;
    const others = had.includes(needed[0]) ? had : [];
    try {
      localStorage.setItem(HERE, JSON.stringify([...new Set([...others, ...needed])]));
    } catch {
      // As above.
    }
  }

  function count(bytes) {
    arrived += bytes;
    if (isToTell) return;
    isToTell = true;
    window.setTimeout(() => {
      isToTell = false;
      // Only the portal may embed this page, and a number of bytes is no secret.
      window.parent.postMessage({ hunar: 1, event: 'arrived', bytes: Math.round(arrived) }, '*');
    }, TELL_MS);
  }

  const isFetched = ({ transferSize, encodedBodySize }) => encodedBodySize > 0 && transferSize >= encodedBodySize;
  const isSlow = entry =>
    isFetched(entry) && (entry.encodedBodySize * 8) / (entry.responseEnd - entry.responseStart) <= FAST;

  function begun() {
    const addresses = { kernel: kernelAddress, pyodide: absolute(pyodide), unzip: absolute(unzip) };
    const name = JSON.stringify({ ...addresses, packages: packages.split(','), imports, link, isHere });
    const python = new Usual(absolute(worker), { name });
    python.addEventListener('message', event => {
      const { arrived: bytes, loaded } = event.data ?? {};
      if (typeof bytes === 'number') count(bytes);
      else if (loaded === true) remember();
      else return;
      event.stopImmediatePropagation();
    });
    return python;
  }

  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      if (!seen.has(entry.name) && (!isHere || isFetched(entry))) count(entry.encodedBodySize);
      seen.add(entry.name);
      if (link || !entry.name.startsWith(absolute(first))) continue;
      // Not even asked whether it has changed: the module is kept on the device.
      isHere ||= entry.transferSize === 0;
      link = isSlow(entry) ? 'slow' : 'fast';
      if (!isAsked && link === 'fast') early = begun();
    }
  }).observe({ type: 'resource', buffered: true });

  window.Worker = function Worker(address, options) {
    if (absolute(address).split('?')[0] !== kernelAddress) return new Usual(address, options);
    isAsked = true;
    // Only the first kernel can be the early one; after a restart there is another.
    const given = early ?? begun();
    early = null;
    return given;
  };
  window.Worker.prototype = Usual.prototype;
})();
