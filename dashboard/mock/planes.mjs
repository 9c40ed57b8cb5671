// Readings of a plane of activations, by the definitions that the real ones have.

const four = (value) => (value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(4)));

/** All readings of |a| over `side` × `side` positions; `grey` is the input at the same positions. */
export function readPlane(plane, side, grey) {
  const sizes = plane.map(Math.abs);
  const n = sizes.length;
  const total = sizes.reduce((a, b) => a + b, 0);
  const squares = sizes.reduce((a, b) => a + b * b, 0);
  const largest = Math.max(...sizes);
  if (total === 0) {
    const none = { zero_share: 1, hoyer: null, treves_rolls: null, gini: null, localisation: null, largest_component: null };
    return { scale: 0, ...none, input_correlation: null };
  }
  const sorted = [...sizes].sort((a, b) => a - b);
  const ranked = sorted.reduce((sum, value, i) => sum + (i + 1) * value, 0);
  const [cy, cx] = [0, 1].map((axis) => sizes.reduce((sum, a, i) => sum + a * at(i, side)[axis], 0) / total);
  const spread = sizes.reduce((sum, a, i) => sum + a * ((at(i, side)[0] - cy) ** 2 + (at(i, side)[1] - cx) ** 2), 0) / total;
  return {
    scale: four(largest),
    zero_share: four(sizes.filter((a) => a === 0).length / n),
    hoyer: four((Math.sqrt(n) - total / Math.sqrt(squares)) / (Math.sqrt(n) - 1)),
    treves_rolls: four((1 - (total / n) ** 2 / (squares / n)) / (1 - 1 / n)),
    gini: four((2 * ranked) / (n * total) - (n + 1) / n),
    localisation: four(spread / ((side * side - 1) / 6)),
    largest_component: four(component(sizes, side) / total),
    input_correlation: four(correlation(plane, grey)),
  };
}

function at(index, side) {
  return [Math.floor(index / side), index % side];
}

/** The largest mass of touching positions. */
function component(sizes, side) {
  const seen = new Set();
  let best = 0;
  for (let start = 0; start < sizes.length; start++) {
    if (sizes[start] === 0 || seen.has(start)) continue;
    const stack = [start];
    let mass = 0;
    seen.add(start);
    while (stack.length > 0) {
      const here = stack.pop();
      mass += sizes[here];
      const [y, x] = at(here, side);
      for (const [dy, dx] of [[0, 1], [1, 0], [0, -1], [-1, 0]]) {
        const next = (y + dy) * side + x + dx;
        if (y + dy < 0 || x + dx < 0 || y + dy >= side || x + dx >= side || seen.has(next) || sizes[next] === 0) continue;
        seen.add(next);
        stack.push(next);
      }
    }
    best = Math.max(best, mass);
  }
  return best;
}

function correlation(a, b) {
  const mean = (list) => list.reduce((x, y) => x + y, 0) / list.length;
  const [ma, mb] = [mean(a), mean(b)];
  const sum = (f) => a.reduce((total, _, i) => total + f(a[i] - ma, b[i] - mb), 0);
  return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y));
}
