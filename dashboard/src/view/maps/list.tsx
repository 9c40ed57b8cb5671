import { reading } from "../../state/value.ts";
import { READINGS, type ReadingName, type ReadingWords } from "./readings.ts";

/** Readings of a map with their meaning, and what noise would read. */
export function ReadingList({ values }: { values: Partial<Record<ReadingName, number | null>> }) {
  return (
    <dl class="reading-list">
      {Object.entries(values).map(([name, value]) => {
        const { label, meaning, scale, noise }: ReadingWords = READINGS[name as ReadingName];
        return (
          <div key={name} title={meaning}>
            <dt>{label}</dt>
            <dd>
              <b>{reading(value ?? undefined, scale)}</b>
              {noise !== undefined && <small>noise: {reading(noise, scale)}</small>}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
