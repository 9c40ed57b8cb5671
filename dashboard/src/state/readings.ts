import type { FilterReadings, FilterState } from "../generated/protocol.ts";

/** All states of a filter, in order of precedence. */
export const FILTER_STATES: readonly FilterState[] = [
  "not_finite",
  "dead",
  "zero",
  "still",
  "stuck",
  "exploding",
  "duplicate",
  "noise_like",
  "oscillating",
  "smooth",
  "not_judged",
];

const COLUMNS = ["q", "p_value", "r1", "rms", "change", "distance", "duplicate_of"] as const;
export type Column = (typeof COLUMNS)[number];

/**
 * The readings of a layer's filters in one block of numbers: a run of 200 epochs × 30 layers × 256
 * filters has ten million of them. `NaN` stands for null.
 */
export class PackedReadings {
  private readonly states: Uint8Array;
  private readonly numbers: Float32Array;

  constructor(readings: FilterReadings) {
    const { state } = readings;
    this.states = Uint8Array.from(state, (each) => FILTER_STATES.indexOf(each));
    this.numbers = new Float32Array(COLUMNS.length * state.length);
    COLUMNS.forEach((column, at) => {
      const values = readings[column];
      for (let filter = 0; filter < state.length; filter++) {
        this.numbers[at * state.length + filter] = values[filter] ?? NaN;
      }
    });
  }

  /** Number of filters. */
  get count(): number {
    return this.states.length;
  }

  state(filter: number): FilterState {
    return FILTER_STATES[this.states[filter] ?? -1] ?? "not_judged";
  }

  value(column: Column, filter: number): number | null {
    const value = filter < this.count ? this.numbers[COLUMNS.indexOf(column) * this.count + filter]! : NaN;
    return Number.isNaN(value) ? null : value;
  }

  /** How many filters there are in each state. */
  counts(): Map<FilterState, number> {
    const counts = new Map<FilterState, number>();
    for (let filter = 0; filter < this.count; filter++) {
      const state = this.state(filter);
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }
    return counts;
  }
}
