// Keeps what was typed when the language is switched: forms are put back by their names, on this device only.
(() => {
  const page = () => location.pathname.replace(/^\/(zh-hans|en)\//, "/");
  const fields = () => document.querySelectorAll("main form:not([data-keeps-drafts]) [name]:not([type=hidden]):not([type=password]):not([type=file])");
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-keeps-drafts]")) return;
    const draft = [...fields()].map((field) => [field.name, field.value, field.type === "checkbox" || field.type === "radio" ? field.checked : null]);
    sessionStorage.setItem("draft", JSON.stringify({ page: page(), draft }));
  });
  const kept = JSON.parse(sessionStorage.getItem("draft") || "null");
  sessionStorage.removeItem("draft");
  if (!kept || kept.page !== page()) return;
  for (const field of fields()) {
    const entry = kept.draft.find(([name, value, checked]) => name === field.name && (checked === null || value === field.value));
    if (!entry) continue;
    if (entry[2] === null) field.value = entry[1];
    else field.checked = entry[2];
  }
})();
