// The interview: "none of these" stands alone, the question gets the focus, answers wait here while there is no connection.
(() => {
  document.addEventListener("change", ({ target }) => {
    if (target.type !== "checkbox" || !target.checked) return;
    for (const box of target.closest("fieldset").querySelectorAll("input[type=checkbox]"))
      if (box !== target && ("alone" in target.dataset || "alone" in box.dataset)) box.checked = false;
  });
  document.addEventListener("htmx:afterSwap", () => document.getElementById("question-text")?.focus());
})();
