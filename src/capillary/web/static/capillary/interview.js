// The interview: "none of these" stands alone, the question gets the focus, answers wait while there is no connection.
(() => {
  const form = () => document.getElementById("answer-form");
  const isHere = (name) => form() && new URL(form().action).pathname.endsWith(name);
  const isAnswer = (name) => name === "answer" || name === "percent" || name.startsWith("part.");
  const chosen = (fields) => fields.some(([name, value]) => isAnswer(name) && value);

  function untick(target) {
    for (const box of target.closest("fieldset").querySelectorAll("input[type=checkbox]"))
      if (box !== target && ("alone" in target.dataset || "alone" in box.dataset)) box.checked = false;
  }

  // A percentage and a band say the same thing: the one that was given last counts.
  function oneOfBoth(target) {
    const percent = document.getElementById("percent");
    if (!percent) return;
    if (target === percent && percent.value) for (const box of form().querySelectorAll("input[type=radio]")) box.checked = false;
    if (target.type === "radio" && target.checked) percent.value = "";
  }

  function onlyFor() {
    const standard = document.getElementById("id_standard");
    for (const part of document.querySelectorAll("[data-only-for]")) part.hidden = part.dataset.onlyFor !== standard.value;
  }

  document.addEventListener("change", ({ target }) => {
    if (target.id === "id_standard") onlyFor();
    if (!form() || !form().contains(target)) return;
    if (target.type === "checkbox" && target.checked) untick(target);
    oneOfBoth(target);
    if (keptAnswers.of(form().action)) {
      const fields = [...new FormData(form())].filter(([name]) => name !== "csrfmiddlewaretoken");
      keptAnswers.keep(form().action, [...fields, ["do", "save"]]);
    }
  });

  // The answer of a request that did not get through; going back or to the other language keeps what was chosen, too.
  function keep({ requestConfig, elt, xhr }) {
    if (elt !== form() || !requestConfig) return;
    const status = xhr ? xhr.status : 0;
    // 401 is somebody who has to sign in again, 403 an old page's token; every other refusal stays one
    if (status >= 400 && status < 500 && status !== 401 && status !== 403) return keptAnswers.say("lost");
    const fields = [...requestConfig.formData].filter(([name]) => name !== "csrfmiddlewaretoken");
    const wish = requestConfig.formData.get("do") || "save";
    const kept = fields.filter(([name]) => name !== "do");
    if (wish === "unknown" || wish === "na") keptAnswers.keep(form().action, [...kept, ["do", wish]]);
    else if (chosen(kept)) keptAnswers.keep(form().action, [...kept, ["do", "save"]]);
    else keptAnswers.say("lost");
    if (status === 403) keptAnswers.flush();
    return undefined;
  }

  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"])
    document.addEventListener(name, ({ detail }) => keep(detail));

  document.addEventListener("htmx:beforeOnLoad", ({ detail }) => { if (detail.xhr.status === 401) keep(detail); });

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful && detail.xhr.getResponseHeader("Answer-Saved")) {
      keptAnswers.forget(detail.requestConfig.path);
      keptAnswers.say("");
    }
  });

  document.addEventListener("kept:done", ({ detail }) => {
    if (detail.outcome !== "sent" || !isHere(detail.name)) return;
    if ("leaves" in form().dataset) location.assign(form().dataset.next);
    else htmx.ajax("GET", form().dataset.next, { target: "#step", swap: "innerHTML show:window:top" });
  });

  document.addEventListener("htmx:afterSwap", () => {
    (document.getElementById("problems") || document.getElementById("question-text"))?.focus({ preventScroll: true });
    const told = document.getElementById("progress-text");
    const announce = document.getElementById("announce");
    if (told && announce) announce.textContent = told.textContent;
  });

  // A question whose answer still waits shows that answer.
  function restore() {
    const entry = form() && keptAnswers.of(form().action);
    if (!entry) return;
    const given = entry.fields.filter(([name]) => isAnswer(name));
    for (const field of form().querySelectorAll("input[name]:not([type=hidden])")) {
      const values = given.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "text") field.value = values[0] || "";
      else field.checked = values.includes(field.value);
    }
  }

  if (document.querySelector("[data-only-for]")) onlyFor();
  restore();
})();
