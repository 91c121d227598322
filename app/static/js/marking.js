/* Marking by keyboard: Alt with Page Down or Page Up goes to another answer, Ctrl with Enter saves. */
const form = document.querySelector("form[data-mark]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter") {
    event.preventDefault();
    form?.requestSubmit();
  }
  const relation = { PageDown: "next", PageUp: "prev" }[event.key];
  if (event.altKey && relation) {
    event.preventDefault();
    document.querySelector(`a[rel=${relation}]`)?.click();
  }
});
