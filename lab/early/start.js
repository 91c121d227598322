// Python starts while Jupyter's own program is still being loaded, in a worker that Jupyter gets when it asks for one.
// The page that embeds this one says after "#imports=" what the notebook imports, and that is loaded meanwhile too.
(() => {
  'use strict';

  const IMPORTS = /^#imports=([A-Za-z_][\w.,]{0,999})$/;
  // Below this many kilobits a second, what one can see and read is fetched first.
  const FAST = 2000;
  const TELL_MS = 500;
  const { first, worker, kernel, pyodide, unzip, packages } = document.currentScript.dataset;
  const absolute = address => new URL(address, document.baseURI).href;
  const kernelAddress = absolute(kernel);
  const Usual = window.Worker;
  let early = null;
  let isAsked = false;
  // "unused" where the page's first file was there already, else how it came: "fast" or "slow".
  let link = '';

  if (window.parent === window) return;

  // Bytes that came over the link: of the page's own files when each is there, of Python's as they come.
  let arrived = 0;
  let isToTell = false;

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

  // What the browser had already does not come over the link again.
  const isFetched = ({ transferSize, encodedBodySize }) => encodedBodySize > 0 && transferSize >= encodedBodySize;
  const isFast = ({ encodedBodySize, responseStart, responseEnd }) =>
    (encodedBodySize * 8) / (responseEnd - responseStart) > FAST;

  function speed(entry) {
    if (!isFetched(entry)) return 'unused';
    return isFast(entry) ? 'fast' : 'slow';
  }

  function begun() {
    const imports = (window.location.hash.match(IMPORTS)?.[1] ?? '').split(',').filter(Boolean);
    const addresses = { kernel: kernelAddress, pyodide: absolute(pyodide), unzip: absolute(unzip) };
    const name = JSON.stringify({ ...addresses, packages: packages.split(','), imports, link });
    const python = new Usual(absolute(worker), { name });
    python.addEventListener('message', event => {
      if (typeof event.data?.arrived !== 'number') return;
      event.stopImmediatePropagation();
      count(event.data.arrived);
    });
    return python;
  }

  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      if (isFetched(entry)) count(entry.encodedBodySize);
      if (link || !entry.name.startsWith(absolute(first))) continue;
      link = speed(entry);
      if (!isAsked && link !== 'slow') early = begun();
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
