/** Numbers as the page shows them. */

export function percent(share) {
  return share === null ? "–" : `${(100 * share).toFixed(share >= 0.9995 || share === 0 ? 0 : 1)} %`;
}

export function fixed(number, digits = 2) {
  return number === null || number === undefined ? "–" : number.toFixed(digits);
}

export function signed(number) {
  return number === null ? "–" : `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(2)}`;
}
