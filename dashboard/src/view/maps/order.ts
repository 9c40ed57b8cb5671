/** A way to put feature maps in order. */
export interface Order<T> {
  id: string;
  label: string;
  /** What is compared; a map without it comes last. */
  value: (item: T, map: number) => number | null;
  descending: boolean;
}

/** The maps in an order; those that are alike stay in the order of their numbers. */
export function inOrder<T>(items: readonly T[], numbers: readonly number[], { value, descending }: Order<T>): number[] {
  const key = new Map(numbers.map((number) => [number, value(items[number]!, number)]));
  return [...numbers].sort((a, b) => {
    const [x, y] = [key.get(a) ?? null, key.get(b) ?? null];
    if (x === null || y === null) return x === y ? a - b : x === null ? 1 : -1;
    return (descending ? y - x : x - y) || a - b;
  });
}
