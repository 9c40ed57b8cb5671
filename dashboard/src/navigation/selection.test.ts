import { expect, test } from "vitest";
import { Model } from "../state/model.ts";
import { parseRoute } from "./route.ts";
import { select, selectableLayers, stepped } from "./selection.ts";

function model(): Model {
  const subject = new Model();
  const layer = (name: string, unsupported = false) => ({
    name,
    description: "",
    shape: [1, 1, 1] as [number, number, number],
    receptive_field: null,
    outside_definition: null,
    status: unsupported
      ? ({ status: "unsupported", operation: "Sort" } as const)
      : ({ status: "supported" } as const),
    followed: [],
    first: name === "a",
  });
  subject.run = {
    run_id: "r",
    name: "r",
    spyhole_version: "0",
    first_epoch: 1,
    last_epoch: null,
    input_shape: [1, 1, 1],
    parameters: 0,
    layers: [layer("x", true), layer("a"), layer("b")],
    probe: { atlas: { image: "", tile_height: 1, tile_width: 1, columns: 1, count: 0 }, labels: [], class_names: [] },
  };
  for (const epoch of [0, 1, 4]) subject.epochs.seen(epoch, epoch + 1);
  return subject;
}

test("fills the blanks with the first layer that works and the newest epoch", () => {
  const selection = select(model(), parseRoute(""));
  expect(selection.layer?.name).toBe("a");
  expect(selection).toMatchObject({ epoch: 4, newest: true });
});

test("an unsupported layer can be looked at, an unknown one cannot", () => {
  expect(select(model(), parseRoute("#evolution?layer=x")).layer?.name).toBe("x");
  expect(select(model(), parseRoute("#evolution?layer=gone")).layer?.name).toBe("a");
  expect(select(model(), parseRoute("#health?layer=x")).layer?.name).toBe("a");
});

test("filters are there for every convolution, those that see the image in front", () => {
  const subject = model();
  subject.run!.layers.reverse();
  expect(selectableLayers(subject, "filters").map(({ name }) => name)).toEqual(["a", "b"]);
  expect(select(subject, parseRoute("#filters?layer=b")).layer?.name).toBe("b");
});

test("an epoch that is not there becomes the nearest; stepping past the end follows the training", () => {
  const selection = select(model(), parseRoute("#evolution?epoch=2"));
  expect(selection).toMatchObject({ epoch: 1, newest: false });
  expect(stepped(selection, -1)).toBe(0);
  expect(stepped(selection, -9)).toBe(0);
  expect(stepped(selection, 1)).toBeUndefined();
});
