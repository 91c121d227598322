// Python starts while Jupyter's own program is still being loaded, in a worker that Jupyter gets when it asks for one.
// The page that embeds this one says after "#imports=" what the notebook imports, and that is loaded meanwhile too.
(() => {
  'use strict';

  const IMPORTS = /^#imports=([A-Za-z_][\w.,]{0,999})$/;
  // Below this many kilobits a second, what one can see and read is fetched first.
  const FAST = 2000;
  const { first, worker, kernel, pyodide, packages } = document.currentScript.dataset;
  const absolute = address => new URL(address, document.baseURI).href;
  const kernelAddress = absolute(kernel);
  const Usual = window.Worker;
  let early = null;

  if (window.parent === window) return;

  // What the browser had already does not come over the link again.
  const isFast = ({ transferSize, encodedBodySize, responseStart, responseEnd }) =>
    transferSize < encodedBodySize || (encodedBodySize * 8) / (responseEnd - responseStart) > FAST;

  function begin() {
    const imports = (window.location.hash.match(IMPORTS)?.[1] ?? '').split(',').filter(Boolean);
    const told = { kernel: kernelAddress, pyodide: absolute(pyodide), packages: packages.split(','), imports };
    early = new Usual(absolute(worker), { name: JSON.stringify(told) });
  }

  new PerformanceObserver((list, observer) => {
    const arrived = list.getEntries().find(({ name }) => name.startsWith(absolute(first)));
    if (!arrived) return;
    observer.disconnect();
    if (window.Worker !== Usual && isFast(arrived)) begin();
  }).observe({ type: 'resource', buffered: true });

  // Only the first kernel can be this one; after a restart there is another, begun as usual.
  window.Worker = function Worker(address, options) {
    if (absolute(address).split('?')[0] !== kernelAddress) return new Usual(address, options);
    window.Worker = Usual;
    return early ?? new Usual(address, options);
  };
  window.Worker.prototype = Usual.prototype;
})();
