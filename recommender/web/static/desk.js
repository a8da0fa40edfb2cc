// Saves each answer as soon as it is given, and sends no form twice. Without this script the buttons do the same work.
"use strict";
(() => {
  // A second click sends nothing twice.
  for (const each of document.forms) {
    each.addEventListener("submit", (event) => {
      if (each.dataset.sent) event.preventDefault();
      each.dataset.sent = "yes";
    });
  }
  window.addEventListener("pageshow", () => { for (const each of document.forms) delete each.dataset.sent; });
})();
(() => {
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const seen = form.elements.namedItem("seen");
  const secret = form.elements.namedItem("form_secret").value;
  let queue = Promise.resolve();

  const tell = (box, text) => { const place = box.querySelector(".saved"); if (place) place.textContent = text; };
  const fault = (box, text) => {
    const place = box.querySelector(".fault");
    place.textContent = text;
    place.hidden = !text;
  };

  const save = async (box, name, value) => {
    tell(box, form.dataset.saving);
    const body = new URLSearchParams({ form_secret: secret, seen: seen.value, [name]: value });
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, redirect: "error" });
      const told = await answer.json();
      if (answer.status === 422) {
        fault(box, Object.values(told.faults).join(" "));
        tell(box, "");
        return;
      }
      if (!answer.ok) throw new Error("refused");
      fault(box, "");
      seen.value = told.seen;
      const holder = document.createElement("template");
      holder.innerHTML = told.standing;
      document.getElementById("standing").replaceWith(holder.content);
      tell(box, form.dataset.saved);
      // The card of a red flag covers the page, at once.
      if (told.red_flag) window.location.reload();
    } catch {
      tell(box, form.dataset.failed);
    }
  };

  form.addEventListener("change", (event) => {
    const { name, value, type } = event.target;
    if (!name.startsWith("q.") || !value) return;
    const box = event.target.closest("fieldset");
    if (type === "radio") box.querySelectorAll("input:not([type=radio])").forEach((other) => { other.value = ""; });
    else box.querySelectorAll("input[type=radio]").forEach((other) => { other.checked = false; });
    queue = queue.then(() => save(box, name, value));
  });
})();
