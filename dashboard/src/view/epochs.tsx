/** A stretch of epochs across a width; each epoch is as wide as another. */
export interface Span {
  first: number;
  last: number;
}

/** Where an epoch begins, in per cent of the width. */
export function place({ first, last }: Span, epoch: number): number {
  return (100 * (Math.min(last + 1, Math.max(first, epoch)) - first)) / (last + 1 - first);
}

/** The epoch under a pointer. */
export function epochAt({ first, last }: Span, event: MouseEvent): number {
  const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const epoch = first + Math.floor(((event.clientX - left) / width) * (last + 1 - first));
  return Math.min(last, Math.max(first, epoch));
}

/** The numbers under a width of epochs. */
export function EpochTicks({ span }: { span: Span }) {
  const { first, last } = span;
  const wanted = (last - first) / 8;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, wanted)));
  const step = Math.max(1, ([1, 2, 5, 10].find((factor) => factor * power >= wanted) ?? 10) * power);
  const ticks = [];
  for (let epoch = Math.ceil(first / step) * step; epoch <= last; epoch += step) ticks.push(epoch);
  return (
    <div class="epoch-ticks" aria-hidden="true">
      {ticks.map((epoch) => (
        <span key={epoch} style={{ left: `${place(span, epoch + 0.5)}%` }}>
          {epoch}
        </span>
      ))}
    </div>
  );
}
