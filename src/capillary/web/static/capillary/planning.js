"use strict";
// A slider above the date and the budget; without it the fields work as they are.
(() => {
  const MOST = 2000000;
  const slider = (field, low, high, step) => {
    const range = document.createElement("input");
    range.type = "range";
    Object.assign(range, { min: low, max: high, step });
    range.setAttribute("aria-labelledby", field.id + "-name");
    const name = document.querySelector(`label[for="${field.id}"]`);
    if (name) { name.id = field.id + "-name"; }
    field.before(range);
    return range;
  };
  const by = document.getElementById("id_by");
  if (by) {
    const range = slider(by, 0, by.options.length - 1, 1);
    const said = () => range.setAttribute("aria-valuetext", by.selectedOptions[0].text);
    range.value = by.selectedIndex;
    said();
    range.addEventListener("input", () => { by.selectedIndex = range.value; said(); });
    by.addEventListener("change", () => { range.value = by.selectedIndex; said(); });
  }
  const budget = document.getElementById("id_budget");
  if (budget) {
    const range = slider(budget, 0, Math.max(MOST, 2 * budget.value), 10000);
    range.value = budget.value || 0;
    range.addEventListener("input", () => { budget.value = range.value; });
    budget.addEventListener("input", () => { range.value = budget.value || 0; });
  }
})();
