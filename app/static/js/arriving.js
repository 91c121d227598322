/* How much of the notebook program has come over the link, while it comes for the first time. */
import { texts } from "./labstatus.js";
import { megabytes } from "./megabytes.js";

// What changed since the last visit is not worth a line.
const LEAST_BYTES = 500_000;

export class Arriving {
  #line = document.getElementById("lab-arriving");

  /* bytes: that have come so far, of all that the page said beforehand. */
  tell(bytes) {
    if (!this.#line || !(bytes >= LEAST_BYTES)) return;
    const total = Number(this.#line.dataset.bytes);
    const arrived = Math.min(bytes, total);
    const facts = { arrived: megabytes(arrived), total: megabytes(total) };
    this.#line.querySelector("progress").value = arrived / total;
    this.#line.querySelector("span").textContent = texts("Arriving", facts);
    this.#line.hidden = false;
  }

  /* Python is there. */
  end() {
    if (this.#line) this.#line.hidden = true;
    this.#line = null;
  }
}
