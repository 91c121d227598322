/* Data files that the academy brought into a lab. The notebook's own site has none of them, since it knows nobody: this page,
   whose person is known, fetches them and hands them to the notebook. */
import { lab } from "./labstatus.js";

async function fetched({ name, address }) {
  const answer = await fetch(address);
  /* Without a link the page for no link may come in its place. */
  const isData = answer.ok && answer.headers.get("Content-Type")?.startsWith("text/csv");
  if (!isData) throw new Error(`${name} was answered with ${answer.status}`);
  return { name, text: await answer.text() };
}

export const ownFiles = () => Promise.all(JSON.parse(lab.dataset.files).map(fetched));
