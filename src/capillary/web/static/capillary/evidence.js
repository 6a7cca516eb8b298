// Shows how far a file has been sent; when the connection breaks off, the form stays as it is. Works without: then the browser sends.
(() => {
  const shown = (form) => {
    const box = document.createElement("div");
    box.className = "sending";
    box.setAttribute("role", "status");
    const words = document.createElement("p");
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", form.dataset.sending);
    words.textContent = `${form.dataset.sending} …`;
    box.append(words, bar);
    form.querySelector(".sending")?.remove();
    form.append(box);
    return { box, words, bar };
  };

  // The answer of the server is a page of ours: its content takes the place of what is shown.
  const replaced = (request) => {
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const content = page.getElementById("content");
    if (!content) return false;
    document.getElementById("content").replaceWith(document.importNode(content, true));
    document.title = page.title;
    history.replaceState(null, "", request.responseURL);
    const wrong = document.querySelector("#content [aria-invalid]");
    (wrong || document.getElementById("content")).focus();
    window.scrollTo({ top: wrong ? window.scrollY + wrong.getBoundingClientRect().top - 120 : 0 });
    return true;
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const file = form.matches("form[data-keeps-file]") && form.querySelector("input[type=file]")?.files[0];
    if (!file) return;
    event.preventDefault();
    const button = form.querySelector("button");
    const { box, words, bar } = shown(form);
    const request = new XMLHttpRequest();
    const failed = () => {
      button.disabled = false;
      bar.remove();
      box.setAttribute("role", "alert");
      box.className = "sending alert alert-danger";
      words.textContent = form.dataset.failed;
    };
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.value = (100 * loaded) / total;
      words.textContent = `${form.dataset.sending} ${Math.round(bar.value)} %`;
    });
    request.addEventListener("load", () => replaced(request) || failed());
    request.addEventListener("error", failed);
    request.addEventListener("timeout", failed);
    request.open("POST", form.action.split("#")[0]);
    button.disabled = true;
    request.send(new FormData(form));
  });
})();
