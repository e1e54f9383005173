/** One tab stop for a row of elements; the arrow keys, Home and End move along it. */

/** @param {HTMLElement[]} row */
export function rove(row) {
  row.forEach((one, place) => {
    one.setAttribute("tabindex", place ? "-1" : "0");
    one.addEventListener("keydown", (event) => move(event, row, place));
    one.addEventListener("click", () => go(row, one));
  });
}

function move(event, row, place) {
  const last = row.length - 1;
  const places = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: last };
  if (!(event.key in places)) return;
  event.preventDefault();
  go(row, row[Math.min(last, Math.max(0, places[event.key]))]);
}

function go(row, next) {
  row.forEach((one) => one.setAttribute("tabindex", one === next ? "0" : "-1"));
  next.focus();
}
