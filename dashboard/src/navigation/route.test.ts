import { expect, test } from "vitest";
import { formatRoute, parseRoute, type Route } from "./route.ts";

test("the hash holds the whole route", () => {
  const route: Route = {
    run: "3f & more",
    with: ["a", "b"],
    view: "filters",
    layer: "blocks.0.conv1 & more",
    epoch: 0,
    rows: "strongest",
    show: "pair",
    against: 3,
    quantity: "weights",
    map: 12,
    statistic: "train:Loss",
    only: "not_finite",
    across: true,
    image: 7,
    shared: true,
    sort: "strongest",
    basis: "whitened",
    points: "pictures",
    target: 3,
    square: 6,
    stride: 2,
    fill: "blur",
    fitted: true,
    alert: "9~noisy-filters~conv1",
  };
  expect(parseRoute(formatRoute(route))).toEqual(route);
  expect(formatRoute(parseRoute(""))).toBe("#overview");
});

test("nonsense in the hash does no harm", () => {
  expect(parseRoute("#nowhere?epoch=-3&map=x&rows=9&layer=&show=all&against=-1&fill=red")).toEqual({
    run: undefined,
    with: [],
    view: "overview",
    layer: "",
    epoch: undefined,
    rows: "followed",
    show: "grid",
    against: undefined,
    quantity: undefined,
    map: undefined,
    statistic: undefined,
    only: undefined,
    image: undefined,
    shared: false,
    sort: undefined,
    basis: "raw",
    points: "dots",
    target: undefined,
    square: undefined,
    stride: undefined,
    fill: "grey",
    fitted: false,
    across: false,
    alert: undefined,
  });
});
