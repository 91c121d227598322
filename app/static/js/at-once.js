/* A form that its reader need not press: without a script its button does the same. */
document.querySelector("form[data-at-once]")?.submit();
