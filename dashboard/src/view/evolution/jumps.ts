import type { FeatureEpoch } from "../../state/features.ts";
import type { EpochSeries } from "../../state/series.ts";

/** The epochs in which another image became the strongest for a map. */
export function jumpsOf(series: EpochSeries<FeatureEpoch>, map: number, index: number): number[] {
  const jumps: number[] = [];
  let before: number | undefined;
  series.values.forEach(({ followed }, at) => {
    const image = followed.imageOf(map, index);
    if (before !== undefined && image !== undefined && image !== before) jumps.push(series.epochs[at]!);
    before = image ?? before;
  });
  return jumps;
}
