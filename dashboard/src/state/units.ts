import type { UnitView } from "../generated/protocol.ts";

const FIELDS = 12;

/**
 * Unit views in one block of numbers: a run of 1,000 epochs × 30 layers has a million of them, and as
 * objects they would fill the tab's memory. `NaN` stands for null.
 */
export class PackedUnits {
  private readonly numbers: Float32Array;
  /** By position, why there is no projection: of few. */
  private readonly reasons = new Map<number, string>();

  constructor(units: readonly UnitView[]) {
    this.numbers = new Float32Array(units.length * FIELDS);
    units.forEach((unit, index) => {
      const { top, left, height, width } = unit.field;
      if (unit.not_projected !== undefined) this.reasons.set(index, unit.not_projected);
      this.numbers.set(
        [
          unit.map,
          unit.image,
          unit.row,
          unit.column,
          unit.value ?? NaN,
          top,
          left,
          height,
          width,
          unit.patch ?? NaN,
          unit.projection ?? NaN,
          unit.projection_scale ?? NaN,
        ],
        index * FIELDS,
      );
    });
  }

  get length(): number {
    return this.numbers.length / FIELDS;
  }

  get(index: number): UnitView | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const n = this.numbers.subarray(index * FIELDS, (index + 1) * FIELDS);
    const reason = this.reasons.get(index);
    return {
      ...(reason === undefined ? {} : { not_projected: reason }),
      map: n[0]!,
      image: n[1]!,
      row: n[2]!,
      column: n[3]!,
      value: orNull(n[4]!),
      field: { top: n[5]!, left: n[6]!, height: n[7]!, width: n[8]! },
      patch: orNull(n[9]!),
      projection: orNull(n[10]!),
      projection_scale: orNull(n[11]!),
    };
  }

  /** The unit of feature map `map`, looked for at `index` first. */
  ofMap(map: number, index: number): UnitView | undefined {
    const guess = this.get(index);
    if (guess?.map === map) return guess;
    for (let i = 0; i < this.length; i++) {
      if (this.numbers[i * FIELDS] === map) return this.get(i);
    }
    return undefined;
  }

  /** The image that excites a feature map most. */
  imageOf(map: number, index: number): number | undefined {
    if (index >= 0 && this.numbers[index * FIELDS] === map) return this.numbers[index * FIELDS + 1];
    return this.ofMap(map, index)?.image;
  }

  all(): UnitView[] {
    return Array.from({ length: this.length }, (_, index) => this.get(index)!);
  }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
