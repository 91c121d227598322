/* A beginner needs few of Jupyter's commands, which stand above the notebook; the others are a click away. */
export class Menus {
  constructor(bridge) {
    this.bridge = bridge;
    this.button = document.getElementById("lab-menus");
    this.button.addEventListener("click", () => this.toggle().catch((error) => console.warn(error.message)));
  }

  /* The notebook was opened, or opened anew: its menus are hidden. */
  ready() {
    this.button.setAttribute("aria-pressed", "false");
    this.button.disabled = false;
  }

  async toggle() {
    const shown = this.button.getAttribute("aria-pressed") !== "true";
    await this.bridge.call("menus", { shown });
    this.button.setAttribute("aria-pressed", shown);
  }
}
