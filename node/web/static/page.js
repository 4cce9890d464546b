// Comfort only: every page works without this. Copying a command, printing, choosing a category at once, saying that the
// internet is gone, and keeping visited pages for reading without it.

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue; // not on plain http: the text can still be selected
  button.hidden = false;
  const label = button.querySelector("span");
  const before = label.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    label.textContent = button.dataset.done;
    setTimeout(() => { label.textContent = before; }, 2500);
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const select of document.querySelectorAll("select[data-submit]")) {
  // Only a choice made with the pointer or confirmed by leaving the field: arrow keys must not jump to another page.
  let isKeyed = false;
  select.addEventListener("keydown", () => { isKeyed = true; });
  select.addEventListener("pointerdown", () => { isKeyed = false; });
  select.addEventListener("change", () => { if (!isKeyed) select.form.requestSubmit(); });
}

const offline = document.getElementById("offline");
const showConnection = () => { offline.hidden = navigator.onLine; };
window.addEventListener("online", showConnection);
window.addEventListener("offline", showConnection);
showConnection();

const current = document.querySelector("nav .chip[aria-current]");
if (current) current.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/service-worker.js");
