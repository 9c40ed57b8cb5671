// What watching costs, in a run whose evolution is read every third epoch.
import { random } from "./draw.mjs";

const SECONDS = { weights: 0.021, maps: 0.19, activity: 0.034, evolution: 0.11, forward: 0.088 };

const skips = (epoch) => epoch > 3 && epoch % 3 !== 0;

/** Each analysis of an epoch. */
export function parts(epoch) {
  return Object.entries(SECONDS).map(([analysis, seconds], at) => {
    if (analysis === "evolution" && skips(epoch)) {
      const wait = 3 - (epoch % 3);
      const skipped = `needs 110 ms of CPU time, more than is left of the 7 % of the time of 2 cores that analyses may take: next in about ${wait} epoch${wait > 1 ? "s" : ""}`;
      return { analysis, seconds: null, skipped };
    }
    const cpu_seconds = seconds * (0.9 + 0.2 * random(epoch, at));
    return { analysis, seconds: cpu_seconds * (1 + random(epoch, at, 1)), cpu_seconds, skipped: null };
  });
}

export function budget(epoch) {
  const analyses = Object.entries(SECONDS).filter(([analysis]) => analysis !== "forward");
  return {
    share: 0.1,
    studies_share: 0.03,
    used: 0.066 + 0.004 * random(epoch, 9),
    studies_used: 0.028,
    memory: 2 ** 30,
    smaller: ["the probe images go through the network in groups of 48 of 96"],
    device: "CPU",
    clock: "cpu",
    cores: 2,
    analyses: analyses.map(([analysis, seconds]) => ({
      analysis,
      seconds,
      epoch: analysis === "evolution" ? epoch - (epoch % 3) : epoch,
      every: analysis === "evolution" ? 3 : 1,
      skipped: analysis === "evolution" ? epoch % 3 : 0,
    })),
    steps_skipped: 0,
  };
}
