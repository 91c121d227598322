/* Small things every page needs: focus goes to the list of errors; a form is sent once; a kept copy says so. */
import { keptAt, timeText } from "./kept.js";
import "./worker.js";

if (keptAt) {
  const notice = document.getElementById("kept-copy");
  notice.textContent = notice.dataset.text.replace("{time}", timeText(keptAt));
  notice.hidden = false;
}

document.querySelector("[data-focus]")?.focus();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  setTimeout(() => delete form.dataset.sending, 4000);
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
});

/* Answers that refuse a form (422) carry the form with its messages: show them. */
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
