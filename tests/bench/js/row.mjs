// A figure of ours beside a peer's, and whether it reaches its goal: as `cargo xtask bench` reads it.

const sort = (list) => [...list].sort((a, b) => a - b);

/** The value in the middle. */
export function median(list) {
  const sorted = sort(list);
  const half = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The value that such a share of the values lies below. */
export function quantile(list, share) {
  const sorted = sort(list);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** The interval that holds the median with 95 % confidence, from order statistics. */
export function interval(list) {
  const sorted = sort(list);
  const low = Math.max(0, Math.floor(sorted.length / 2 - 0.98 * Math.sqrt(sorted.length)));
  return [sorted[low], sorted[sorted.length - 1 - low]];
}

/** `median (low to high)`, of the 95 % interval. */
export function spread(list, digits = 1) {
  const [low, high] = interval(list);
  return `${median(list).toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}

function holds(goal, ratio) {
  if (!goal) return true;
  const [sign, bound] = goal.split(' ');
  return sign === '<=' ? ratio <= Number(bound) : ratio >= Number(bound);
}

/**
 * One line of the table.
 *
 * @param goal what the ratio must be, such as `<= 0.8`; a row without one is there to be looked at, and holds.
 */
export function row({ name, ours, peer, peerName, ratio = ours / peer, goal = null, unit, note = '' }) {
  return { name, ours, peer, peer_name: peerName, ratio, goal, unit, holds: holds(goal, ratio), note };
}
