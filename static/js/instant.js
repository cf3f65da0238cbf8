// Keeps the time left until a deadline current, by the server's clock. Without it the page
// shows the time left when it was made.
(() => {
  "use strict";
  const language = document.documentElement.lang || "en";
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const starts = new WeakMap();
  let timer;

  const write = (amount, unit) =>
    new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(amount);

  // Told, and no button taken away: whether an act is in time, the database's clock alone says.
  const close = (deadline) => {
    for (const notice of document.querySelectorAll(`[data-over-from="${deadline}"]`)) {
      notice.hidden = false;
    }
  };

  const show = (element) => {
    const { deadline, now, left, over } = element.dataset;
    if (!starts.has(element)) starts.set(element, performance.now());
    const elapsed = performance.now() - starts.get(element);
    const seconds = Math.ceil((Date.parse(deadline) - Date.parse(now) - elapsed) / 1000);
    let text = over;
    if (seconds > 0) {
      let rest = seconds;
      const amounts = units.map(([unit, size]) => {
        const amount = Math.floor(rest / size);
        rest -= amount * size;
        return [amount, unit];
      });
      const first = amounts.findIndex(([amount]) => amount > 0);
      const shown = amounts.slice(first, first + 2).filter(([amount]) => amount > 0);
      text = left.replace("{}", shown.map(([amount, unit]) => write(amount, unit)).join(" "));
    }
    element.classList.toggle("instant__left--over", seconds <= 0);
    if (element.textContent !== text) element.textContent = text;
    if (seconds <= 0) close(deadline);
    return seconds > 0;
  };

  const tick = () => {
    clearTimeout(timer);
    const running = [...document.querySelectorAll("[data-deadline]")].map(show);
    if (running.includes(true)) timer = setTimeout(tick, 1000);
  };
  document.addEventListener("htmx:load", tick);
  tick();
})();
