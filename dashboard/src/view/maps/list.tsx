import { reading } from "../../state/value.ts";
import { READINGS, type ReadingName, type ReadingWords } from "./readings.ts";

interface Props {
  values: Partial<Record<ReadingName, number | null>>;
  /** Whether activations can be negative: what noise reads is known of rectified ones only. */
  signed?: boolean;
}

/** Readings of a map with their meaning, and what noise would read. */
export function ReadingList({ values, signed = false }: Props) {
  return (
    <dl class="reading-list">
      {Object.entries(values).map(([name, value]) => {
        const { label, meaning, scale, noise }: ReadingWords = READINGS[name as ReadingName];
        return (
          <div key={name} title={meaning}>
            <dt>{label}</dt>
            <dd>
              <b>{reading(value ?? undefined, scale)}</b>
              {noise !== undefined && (!signed || name === "localisation") && <small title="Independent noise after a ReLU reads this">noise: {reading(noise, scale)}</small>}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
