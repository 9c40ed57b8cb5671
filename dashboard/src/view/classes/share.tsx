interface Props {
  name: string;
  /** 0 to 1. */
  value: number;
  /** What it would be by chance. */
  chance: number | null;
  chanceName: string;
}

const points = (share: number): string => `${Math.min(100, Math.max(0, 100 * share))}%`;

/** A share as a bar of the whole, with a mark where chance would put it. */
export function ShareBar({ name, value, chance, chanceName }: Props) {
  return (
    <div class="share-bar">
      <span class="share-name">{name}</span>
      <span class="share-track" aria-hidden="true">
        <i style={{ width: points(value) }} />
        {chance !== null && <b style={{ left: points(chance) }} />}
      </span>
      <span class="share-value">{rounded(value)}</span>
      {chance !== null && (
        <span class="unseen">
          {chanceName}: {rounded(chance)}
        </span>
      )}
    </div>
  );
}

/** A share of a few hundred images is not known to more digits than this. */
export function rounded(share: number): string {
  return `${Math.round(100 * share)}\u00a0%`;
}
