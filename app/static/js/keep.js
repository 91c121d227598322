/* "Keep on this device" on the page of a module: says the size and the room, brings the module's pages and the notebook
   site, says when a newer version is there, and takes it all off again. */
import { Bridge } from "./bridge.js";
import { dropKept, keptAt, keptModules, missingAssets, noteKept, timeText } from "./kept.js";
import { megabytes } from "./megabytes.js";
import { worker } from "./worker.js";

const READY_MS = 20000;

const panel = document.getElementById("keep");
const frame = document.getElementById("keep-frame");
const bar = document.getElementById("keep-progress");
const person = document.getElementById("outbox").dataset.person;
const { module, list: listAddress, version } = panel.dataset;
const button = (name) => panel.querySelector(`[data-do=${name}]`);

const sum = (things, of) => things.reduce((total, thing) => total + of(thing), 0);
const text = (name, facts = {}) =>
  panel.dataset[`text${name}`].replace(/\{(\w+)\}/g, (whole, fact) => (fact in facts ? facts[fact] : whole));

class Failed extends Error {}

class NoRoom extends Error {
  constructor(needed, room) {
    super("no room");
    this.facts = { needed: megabytes(needed), room: megabytes(room) };
  }
}

function say(name, facts) {
  const status = document.getElementById("keep-status");
  status.dataset.state = name;
  status.textContent = text(name, facts);
}

const show = (names) => {
  for (const each of panel.querySelectorAll("[data-do]")) each.hidden = !names.includes(each.dataset.do);
};

const isKeptHere = async () => (await keptModules()).find((each) => each.module === module);

/* The notebook's origin keeps its own part, in a frame that is loaded when it is needed first. */
let notebook = null;

function openNotebook() {
  notebook ??= new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Failed("silent")), READY_MS);
    const bridge = new Bridge(frame, panel.dataset.origin, (name, message) => {
      if (name === "progress") progress.tell("notebook", Number(message.arrived));
      if (name === "ready") resolve(bridge);
      clearTimeout(timer);
    });
    frame.src = frame.dataset.address;
  }).catch((error) => {
    notebook = null;
    throw error;
  });
  return notebook;
}

const ofNotebook = async (op, args, patience) => (await openNotebook()).call(op, args, patience);

const progress = {
  begin(total) {
    Object.assign(this, { total, arrived: {} });
    bar.max = total;
    bar.hidden = false;
    this.tell("pages", 0);
  },
  tell(part, bytes) {
    if (!this.arrived) return;
    this.arrived[part] = bytes;
    const arrived = Math.min(this.total, sum(Object.values(this.arrived), (each) => each));
    bar.value = arrived;
    say("Keeping", { arrived: megabytes(arrived), total: megabytes(this.total) });
  },
  end() {
    this.arrived = null;
    bar.hidden = true;
  },
};

async function readList(address) {
  const answer = await fetch(address, { cache: "no-store" });
  if (!answer.ok || answer.redirected) throw new Failed(`the list was answered with ${answer.status}`);
  return answer.json();
}

/* What is still to come for a module. sent: bytes over the link; bytes: of room. */
async function measure(address) {
  const list = await readList(address);
  const toCome = [...list.copies, ...(await missingAssets(list))];
  const parts = list.has_notebook ? await ofNotebook("describe", { module }) : { parts: [], room: null };
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  return {
    list,
    parts: parts.parts,
    pages: { sent: sum(toCome, ({ sent }) => sent), bytes: sum(toCome, ({ bytes }) => bytes) },
    notebook: {
      sent: sum(parts.parts, ({ sent }) => sent),
      bytes: sum(parts.parts, ({ isCurrent, bytes }) => (isCurrent ? 0 : bytes)),
    },
    room: Math.min(parts.room ?? Infinity, quota === undefined ? Infinity : Math.max(0, quota - usage)),
  };
}

function showSize({ parts, pages, notebook: lab }) {
  const shared = parts.find(({ part }) => part === "shared");
  const lines = [
    text("Size", {
      total: megabytes(pages.sent + lab.sent),
      pages: megabytes(pages.sent),
      notebook: megabytes(lab.sent),
      room: megabytes(pages.bytes + lab.bytes),
    }),
  ];
  if (shared) lines.push(shared.isCurrent ? text("SharedHere") : text("Shared", { shared: megabytes(shared.sent) }));
  document.getElementById("keep-size").textContent = lines.join(" ");
}

/* What the panel says when nothing is under way. */
async function look() {
  const kept = await isKeptHere();
  document.getElementById("keep-mark").hidden = !kept;
  if (keptAt) {
    say("Kept", { time: timeText(kept?.at ?? keptAt) });
    return show(["remove"]);
  }
  try {
    const size = await measure(listAddress);
    showSize(size);
    const isCurrent = size.parts.every((part) => part.isCurrent) && kept?.version === version;
    if (kept && isCurrent) {
      document.getElementById("keep-size").textContent = "";
      say("Kept", { time: timeText(kept.at) });
      return show(["remove"]);
    }
    if (kept) {
      panel.open = true;
      say("Newer", { total: megabytes(size.pages.sent + size.notebook.sent) });
      return show(["update", "remove"]);
    }
    say("NotKept");
    return show(["keep"]);
  } catch (error) {
    console.warn("not measured:", error.message);
    say("NoLink");
    return show(kept ? ["remove"] : ["keep"]);
  }
}

async function told(type, payload) {
  const answer = await worker.messageSW({ type, payload });
  if (!answer.ok) throw new Failed(answer.isFull ? "full" : `${payload.address} did not come`);
}

let isStopped = false;

async function bring({ list }) {
  let arrived = 0;
  const missing = await missingAssets(list);
  const step = async (type, asked, sent) => {
    if (isStopped) throw new Failed("stopped");
    await told(type, { person, ...asked });
    arrived += sent;
    progress.tell("pages", arrived);
  };
  for (const { address, sent } of missing) await step("KEEP_ASSET", { address }, sent);
  for (const { address, language, sent } of list.copies) await step("KEEP_PAGE", { address, language }, sent);
  if (list.has_notebook) await ofNotebook("keep", { module: list.module }, Infinity);
  await noteKept(person, list.list, list);
}

/* Do what brings modules here, until it is done, fails or is stopped, and say how it ended. */
async function attempt(work) {
  isStopped = false;
  show(["stop"]);
  say("Measuring");
  try {
    await work();
    progress.end();
    return look();
  } catch (error) {
    console.warn("not kept:", error.message);
    progress.end();
    if (isStopped) say("Stopped");
    else if (error instanceof NoRoom) say("NoRoom", error.facts);
    else if (error.message === "full") say("Full");
    else say("Broken");
    return show((await isKeptHere()) ? ["update", "remove"] : ["keep"]);
  }
}

async function keepThis() {
  const size = await measure(listAddress);
  const needed = size.pages.bytes + size.notebook.bytes;
  if (needed > size.room) throw new NoRoom(needed, size.room);
  // So that the browser does not clear it when room gets short; some ask the person.
  navigator.storage?.persist?.();
  progress.begin(size.pages.sent + size.notebook.sent);
  await bring(size);
}

/* All kept modules at once: they share the portal's files. */
async function updateAll() {
  worker.messageSkipWaiting();
  const bringOther = async (each) => bring({ list: await readList(each.list) });
  for (const each of await keptModules()) {
    if (each.module !== module && !isStopped) await bringOther(each).catch((error) => console.warn(error.message));
  }
  if (isStopped) throw new Failed("stopped");
  await keepThis();
}

async function stop() {
  isStopped = true;
  await ofNotebook("stop", { module }).catch(() => undefined);
}

async function remove() {
  const kept = await isKeptHere();
  const others = (await keptModules()).filter((each) => each.module !== module);
  if (kept.has_notebook && !keptAt) {
    const isLast = !others.some((each) => each.has_notebook);
    await ofNotebook("remove", { module, isLast }).catch((error) => console.warn(error.message));
  }
  await dropKept(person, listAddress, kept);
  say("Removed");
  document.getElementById("keep-mark").hidden = true;
  show(keptAt ? [] : ["keep"]);
}

const ACTIONS = { keep: () => attempt(keepThis), update: () => attempt(updateAll), stop, remove };
panel.addEventListener("click", ({ target }) => ACTIONS[target.dataset.do]?.());

async function begin() {
  if (!worker || !("caches" in window)) {
    say("Unable");
    return show([]);
  }
  if (await isKeptHere()) return look();
  return panel.addEventListener("toggle", look, { once: true });
}
begin();
