/* The page for when there is no link: what was wanted, and what is kept on this device instead. */
import { keptModules } from "./kept.js";

const isSimulation = /^\/(simulations|runs|exercises)\//.test(location.pathname);
const why = document.documentElement.dataset.why ?? (isSimulation ? "simulation" : "page");
for (const text of document.querySelectorAll("[data-why]")) text.hidden = text.dataset.why !== why;

const modules = why === "sign-out" ? [] : await keptModules();
for (const part of document.querySelectorAll("[data-kept]")) {
  const language = part.closest("[lang]").lang;
  const links = modules.map(({ address, title }) => {
    const item = document.createElement("li");
    item.append(Object.assign(document.createElement("a"), { href: address, textContent: title[language] }));
    return item;
  });
  part.querySelector("ul").replaceChildren(...links);
  part.hidden = modules.length === 0;
}
for (const text of document.querySelectorAll("[data-nothing]")) text.hidden = modules.length > 0 || why === "sign-out";
