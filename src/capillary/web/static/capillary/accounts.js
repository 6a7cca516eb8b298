// Says on the page that a passkey was not used; allauth would only write it to the console.
document.addEventListener("allauth.error", (event) => {
  const place = document.getElementById("key-problem");
  if (!place) return;
  event.preventDefault();
  place.hidden = false;
});
