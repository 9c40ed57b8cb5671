import { expect, test } from "vitest";
import type { OcclusionSettings, Study, StudySubject } from "../generated/protocol.ts";
import { LayerDistributions } from "./distributions.ts";
import { Studies, subjectKey } from "./studies.ts";

const units: StudySubject = { study: "units", layer: "conv1" };
const image = (image: number): StudySubject => ({ study: "activations", layer: "conv1", image });
const study = (epoch: number, subject: StudySubject, document = `${epoch}`): Study => ({ epoch, subject, document, seconds: 1, occasion: "scheduled" });

test("a later study of the same subject and epoch replaces the earlier one", () => {
  const studies = new Studies();
  studies.apply(1, study(5, units));
  studies.apply(2, study(0, units));
  studies.apply(3, study(5, units, "again"));
  expect(studies.epochs(units)).toEqual([0, 5]);
  expect(studies.at(units, 5)?.document).toBe("again");
  expect(studies.of(units)?.seq).toBe(3);
});

test("shows the study of the epoch or the nearest one before it, never a later one", () => {
  const studies = new Studies();
  for (const epoch of [5, 10]) studies.apply(epoch, study(epoch, units));
  expect([4, 5, 9, 10, 99].map((epoch) => studies.at(units, epoch)?.epoch)).toEqual([undefined, 5, 5, 10, 10]);
  studies.forget(10);
  expect(studies.at(units, 10)?.epoch).toBe(5);
});

test("tells subjects apart, and finds those of a layer", () => {
  const subjects: StudySubject[] = [units, image(0), image(1), { study: "unit", layer: "conv1", map: 0 }, { study: "synthesis_of_classes" }];
  expect(new Set(subjects.map(subjectKey)).size).toBe(subjects.length);
  expect(subjectKey({ layer: "conv1", study: "units" })).toBe(subjectKey(units));
  const studies = new Studies();
  subjects.forEach((subject, at) => studies.apply(at + 1, study(1, subject)));
  studies.apply(9, study(1, { study: "activations", layer: "conv2", image: 7 }));
  expect(studies.among("activations", "conv1").map(({ image }) => image)).toEqual([0, 1]);
});

test("tells occlusions apart by map and settings, and finds them all", () => {
  const settings = { class: null, square: null, stride: null, fill: "grey" as const };
  const occlusion = (change: Partial<OcclusionSettings>, image = 0): StudySubject => ({ study: "occlusion", image, settings: { ...settings, ...change } });
  const ofMap = (map: number): StudySubject => ({ study: "occlusion_of_map", image: 0, layer: "conv1", map, settings });
  const subjects = [occlusion({}), occlusion({}, 1), occlusion({ class: 0 }), occlusion({ square: 0 }), occlusion({ stride: 0 }), occlusion({ fill: "blur" }), ofMap(0), ofMap(1)];
  expect(new Set(subjects.map(subjectKey)).size).toBe(subjects.length);
  // The settings' order in the text of a record, and what it leaves out, do not matter.
  expect(subjectKey({ settings: { fill: "grey" }, image: 0, study: "occlusion" } as unknown as StudySubject)).toBe(subjectKey(occlusion({})));
  const studies = new Studies();
  subjects.forEach((subject, at) => studies.apply(at + 1, study(1, subject)));
  expect(studies.every("occlusion").length).toBe(6);
});

test("keeps distributions by epoch; what an epoch does not have is null", () => {
  const layer = new LayerDistributions();
  const readings = { hoyer: [0.125, 0.25, 0.5, 0.75, 1] as [number, number, number, number, number] };
  layer.set({ epoch: 3, layer: "conv1", live: 7, readings });
  layer.set({ epoch: 1, layer: "conv1", live: 8, readings: {} });
  expect(layer.epochs).toEqual([1, 3]);
  expect(layer.at("hoyer", 3)).toEqual(readings.hoyer);
  expect([layer.at("hoyer", 1), layer.at("gini", 3), layer.at("hoyer", 2)]).toEqual([null, null, undefined]);
  expect(layer.live(3)).toBe(7);
  layer.set({ epoch: 3, layer: "conv1", live: 6, readings: {} });
  expect(layer.at("hoyer", 3)).toBeNull();
  for (let epoch = 4; epoch < 100; epoch++) layer.set({ epoch, layer: "conv1", live: 7, readings });
  expect(layer.at("hoyer", 99)).toEqual(readings.hoyer);
  layer.forget(99);
  expect(layer.at("hoyer", 99)).toBeUndefined();
});
