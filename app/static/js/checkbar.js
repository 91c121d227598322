/* The buttons that run the visible tests, and the line that says how far they are. */
import { check } from "./check.js";
import { texts } from "./labstatus.js";

export class CheckBar {
  /* Cells that have run in the check under way; null while there is none. */
  #cells = null;
  #button = document.getElementById("lab-check-button");
  #stop = document.getElementById("lab-check-stop");
  #status = document.getElementById("lab-check-status");

  constructor(bridge, whenDone = () => undefined) {
    this.#button.addEventListener("click", () => this.#check(bridge, whenDone));
    this.#stop.addEventListener("click", () => bridge.call("restart").catch((error) => console.warn(error.message)));
  }

  enable() {
    this.#button.disabled = false;
  }

  /* A cell has begun to run. */
  ran() {
    if (this.#cells === null) return;
    this.#cells += 1;
    this.#say("Checking", { count: this.#cells });
  }

  async #check(bridge, whenDone) {
    this.#show(true);
    this.#cells = 0;
    this.#say("Checking", { count: 0 });
    try {
      const found = await check(bridge, document.getElementById("lab-check"));
      this.#say("twice" in found ? "Twice" : "Checked", found);
    } catch (error) {
      console.warn("not checked:", error.message);
      this.#say("NotChecked");
    } finally {
      this.#cells = null;
      this.#show(false);
      whenDone();
    }
  }

  #say(name, facts = {}) {
    this.#status.dataset.state = name;
    this.#status.textContent = texts(name, facts);
  }

  #show(isChecking) {
    this.#button.hidden = isChecking;
    this.#stop.hidden = !isChecking;
  }
}
