/** Where values have no neighbour: no line reaches them, so that they are drawn as points. */
export function lonely({ data }: { data: readonly ArrayLike<number | null | undefined>[] }, series: number): number[] {
  const values = data[series]!;
  const found: number[] = [];
  let [alone, at] = [true, -1];
  for (let i = 0; i <= values.length; i++) {
    // Undefined: the other series have a value here. The line goes on across it.
    const value = i < values.length ? values[i] : null;
    if (value === undefined) continue;
    if (value === null && alone && at >= 0) found.push(at);
    alone = value !== null && at < 0;
    at = value === null ? -1 : i;
  }
  return found;
}
