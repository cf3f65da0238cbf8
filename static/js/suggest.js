// Offers, while a question is typed, what it may become; the browser shows the list. Without it
// the form's second button leads to the same suggestions on a page of their own.
(() => {
  "use strict";
  const field = document.querySelector("input[data-suggest]");
  if (!field) return;
  const list = document.getElementById(field.getAttribute("list"));
  let timer;
  let asked;

  const offer = async () => {
    const text = field.value.trim();
    if (text.length < 2) return;
    asked?.abort();
    asked = new AbortController();
    const address = `${field.dataset.suggest}?q=${encodeURIComponent(text)}`;
    try {
      const answer = await fetch(address, {
        headers: { Accept: "application/json" },
        signal: asked.signal,
      });
      if (!answer.ok) return;
      const { suggestions } = await answer.json();
      list.replaceChildren(
        ...suggestions.map((value) => Object.assign(document.createElement("option"), { value })),
      );
    } catch {
      // a slow or broken line: the reader goes on typing
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(offer, 200);
  });
})();
