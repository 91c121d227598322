/* A version that went beside the present one is told of above the notebook until the trainee has chosen: here, on this
   computer, or at the academy by going on from a version. */
import { lab } from "./labstatus.js";

const notice = document.getElementById("lab-aside");

export class Beside {
  #key;

  constructor(person) {
    this.#key = `hunar-chosen-${person}-${lab.dataset.draft}`;
    if (!notice || Number(notice.dataset.version) <= this.#chosen) return;
    notice.hidden = false;
    notice.querySelector("button").addEventListener("click", () => this.chose(notice.dataset.version));
  }

  get #chosen() {
    try {
      return Number(localStorage.getItem(this.#key));
    } catch {
      return 0;
    }
  }

  /* The present version is gone on with, and neither this nor what went beside it earlier. */
  chose(version) {
    try {
      localStorage.setItem(this.#key, version);
    } catch {
      // Told again on the next opening.
    }
    if (notice) notice.hidden = true;
  }
}
