/* The portal's service worker, as every page meets it. A newer one waits until no page is open, or until the person
   updates what is kept (keep.js). */
import { Workbox } from "../vendor/workbox/workbox-window.js";

export const worker = "serviceWorker" in navigator ? new Workbox("/service-worker.js") : null;

worker?.register().catch((error) => console.warn("nothing can be kept:", error.message));
