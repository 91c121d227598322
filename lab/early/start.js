// Python starts while Jupyter's own program is still being loaded, in a worker that Jupyter gets when it asks for one.
// The page that embeds this one says after "#imports=" what the notebook imports, and that is loaded meanwhile too.
(() => {
  'use strict';

  const IMPORTS = /^#imports=([A-Za-z_][\w.,]{0,999})$/;
  // Below this many kilobits a second, what one can see and read is fetched first.
  const FAST = 2000;
  const { first, worker, kernel, pyodide, unzip, packages } = document.currentScript.dataset;
  const absolute = address => new URL(address, document.baseURI).href;
  const kernelAddress = absolute(kernel);
  const Usual = window.Worker;
  let early = null;
  let isAsked = false;

  if (window.parent === window) return;

  // What the browser had already does not come over the link again.
  const isFast = ({ transferSize, encodedBodySize, responseStart, responseEnd }) =>
    transferSize < encodedBodySize || (encodedBodySize * 8) / (responseEnd - responseStart) > FAST;

  function begun() {
    const imports = (window.location.hash.match(IMPORTS)?.[1] ?? '').split(',').filter(Boolean);
    const addresses = { kernel: kernelAddress, pyodide: absolute(pyodide), unzip: absolute(unzip) };
    return new Usual(absolute(worker), { name: JSON.stringify({ ...addresses, packages: packages.split(','), imports }) });
  }

  new PerformanceObserver((list, observer) => {
    const arrived = list.getEntries().find(({ name }) => name.startsWith(absolute(first)));
    if (!arrived) return;
    observer.disconnect();
    if (!isAsked && isFast(arrived)) early = begun();
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
