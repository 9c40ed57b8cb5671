import type { Analysis, AnalysisPart, BudgetStatus, EpochAnalysed } from "../generated/protocol.ts";

const NAMES: { [analysis in Analysis]: string } = {
  weights: "filters and alerts",
  maps: "feature maps",
  activity: "activity of maps",
  evolution: "change of layers",
  own: "analyses of your own",
  forward: "images through the network",
};

/** What an analysis takes, and why an epoch went without it. */
export interface AnalysisCost {
  analysis: Analysis;
  name: string;
  /** The newest epoch that had it, how long it took by the clock, and the CPU time that it used, where that is known. */
  epoch: number | undefined;
  seconds: number | undefined;
  cpu: number | undefined;
  /** In how many of the newest epochs it was left out. */
  missed: number;
  /** The newest epoch that went without it, and why. */
  without: number | undefined;
  reason: string | undefined;
}

/** How many epochs are looked back on. */
const NEWEST = 100;

/** What the analyses of the newest epochs have cost. */
export class Costs {
  private readonly epochs: { epoch: number; parts: AnalysisPart[] }[] = [];

  apply(event: EpochAnalysed): void {
    // Epochs that are trained again, and runs from before there was a budget.
    while ((this.epochs.at(-1)?.epoch ?? -1) >= event.epoch) this.epochs.pop();
    const { epoch, parts = [] } = event;
    if (parts.length === 0) return;
    this.epochs.push({ epoch, parts });
    if (this.epochs.length > NEWEST) this.epochs.shift();
  }

  /** The run was continued from an earlier epoch. */
  leave(from: number): void {
    while ((this.epochs.at(-1)?.epoch ?? -1) >= from) this.epochs.pop();
  }

  /** How many epochs these are. */
  get count(): number {
    return this.epochs.length;
  }

  /** In order of importance. */
  get analyses(): AnalysisCost[] {
    const of = (analysis: Analysis) => {
      const parts = this.epochs.map(({ epoch, parts }) => [epoch, parts.find((part) => part.analysis === analysis)] as const);
      const known = parts.filter((pair): pair is readonly [number, AnalysisPart] => pair[1] !== undefined);
      const ran = known.findLast(([, part]) => part.seconds !== null);
      const left = known.filter(([, part]) => part.skipped !== null);
      const [without, newest] = left.at(-1) ?? [undefined, undefined];
      const reason = newest?.skipped ?? undefined;
      return { analysis, name: NAMES[analysis], epoch: ran?.[0], seconds: ran?.[1].seconds ?? undefined, cpu: ran?.[1].cpu_seconds, missed: left.length, without, reason };
    };
    const all = (Object.keys(NAMES) as Analysis[]).map(of);
    return all.filter(({ epoch, reason }) => epoch !== undefined || reason !== undefined);
  }
}

/** A share of the time, in words. */
export function percent(share: number): string {
  const value = 100 * share;
  return `${value >= 10 || value === 0 ? value.toFixed(0) : value.toFixed(1)} %`;
}

/** A short time, in words. */
export function short(seconds: number): string {
  if (seconds >= 10) return `${seconds.toFixed(0)} s`;
  return seconds >= 1 ? `${seconds.toFixed(1)} s` : `${(1000 * seconds).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
}

/** What the budget is a share of, in words. */
function whole({ clock, cores }: BudgetStatus): string {
  if (clock === "wall") return "the time";
  return `the CPU time of ${cores === 1 ? "one core" : `${cores} cores`}`;
}

/** What was spent of the budget, in a sentence. */
export function spending(budget: BudgetStatus): string {
  const { share, used, studies_used } = budget;
  const spent = `${percent(used + studies_used)} of ${whole(budget)} was used`;
  return share >= 1 ? `${spent}; there is no limit` : `${spent}, ${percent(share)} may be`;
}

/** How it is counted, in a sentence. */
export function counting({ clock }: BudgetStatus): string {
  return clock === "cpu"
    ? "What counts is the CPU time of the threads that analyse, not how long they wait for a core."
    : "What counts is how long analyses take by the clock, waiting included.";
}
