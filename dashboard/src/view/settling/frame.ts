import type uPlot from "uplot";
import { epochCursor } from "../../charts/chart.tsx";

/** Width of the value axis: charts of one layer have their epochs under each other. */
export const SIDE = 58;

/** What those charts share: no legend, the same room, one cursor for all. */
export const FRAME = { legend: { show: false }, padding: [8, 10, 0, 0], cursor: epochCursor("settling") } satisfies Partial<uPlot.Options>;
