"""Reads a recording with rerun's own dataframe API and compares it with what the run store says.

usage: rerun_readback.py RECORDING.rrd EXPECTED.json
"""

import hashlib
import io
import json
import sys

import rerun.server
from PIL import Image


class Recording:
    """Values by entity, component and epoch."""

    def __init__(self, path):
        self.cells = {}
        self.items = set()
        with rerun.server.Server(host="127.0.0.1", datasets={"run": [path]}) as server:
            dataset = server.client().get_dataset("run")
            self.timelines = {index.name for index in dataset.schema().index_columns()}
            for row in dataset.reader(index="epoch").to_arrow_table().to_pylist():
                epoch = row.pop("epoch")
                for name, value in row.items():
                    if name.startswith("/") and value is not None:
                        entity, component = name.split(":", 1)
                        self.cells.setdefault((entity, component), {})[epoch] = value
            if "items" in self.timelines:
                table = dataset.reader(index="items").to_arrow_table()
                rows = zip(table["items"].to_pylist(), table["epoch"].to_pylist())
                self.items = {(items, epoch) for items, epoch in rows if epoch is not None}

    def entities(self, component):
        return {entity for entity, name in self.cells if name == component}

    def of(self, entity, component):
        return self.cells.get((entity, component), {})

    def png(self, entity, epoch):
        blob = self.of(entity, "EncodedImage:blob")[epoch]
        while isinstance(blob, list) and blob and not isinstance(blob[0], int):
            blob = blob[0]
        return bytes(blob)

    def image(self, entity, epoch):
        return Image.open(io.BytesIO(self.png(entity, epoch))).convert("RGBA")


def same(what, found, expected):
    if found != expected:
        sys.exit(f"{what}:\n  in the recording {found}\n  in the run       {expected}")


def scalars(recording, expected):
    """The same entities, the same epochs, the same numbers to the last bit."""
    for entity, values in expected.items():
        found = recording.of(entity, "Scalars:scalars")
        found = {str(epoch): value[0] for epoch, value in found.items()}
        same(entity, found, values)
    prefixes = ("/metrics/", "/layers/")
    unexpected = {
        entity
        for entity in recording.entities("Scalars:scalars") - set(expected)
        if entity.startswith(prefixes) and not entity.endswith("/settled")
    }
    same("other scalars", unexpected, set())


def texts(recording, expected):
    for entity, by_epoch in expected.items():
        for epoch, (level, text) in by_epoch.items():
            found = recording.of(entity, "TextLog:text")[int(epoch)][0]
            same(f"{entity} at {epoch}", text in found, True)
            found = recording.of(entity, "TextLog:level")[int(epoch)][0]
            same(f"level of {entity} at {epoch}", found, level)
    found = {entity for entity in recording.entities("TextLog:text") if entity.startswith("/alerts")}
    same("alerts", found, {entity for entity in expected if entity.startswith("/alerts")})


def pictures(recording, expected):
    """Bit-identical files: their names are the beginning of their SHA-256."""
    for entity, by_epoch in expected.items():
        epochs = recording.of(entity, "EncodedImage:blob")
        found = {
            str(epoch): hashlib.sha256(recording.png(entity, epoch)).hexdigest()[:32] for epoch in epochs
        }
        same(entity, found, by_epoch)


def tile(atlas, number):
    image = Image.open(atlas["file"]).convert("RGBA")
    width, height = atlas["tile"]
    x, y = number % atlas["columns"] * width, number // atlas["columns"] * height
    return image.crop((x, y, x + width, y + height))


def pairs(recording, expected):
    """Drawn by the sink: every cell holds the projection on the left and the patch on the right."""
    for case in expected:
        entity, epoch, atlas = case["entity"], case["epoch"], case["atlas"]
        image = recording.image(entity, epoch)
        maps = f"{entity}/maps"
        centres = recording.of(maps, "Boxes2D:centers")[epoch]
        halves = recording.of(maps, "Boxes2D:half_sizes")[epoch]
        labels = recording.of(maps, "Boxes2D:labels")[epoch]
        same(f"cells of {entity} at {epoch}", len(centres), len(case["views"]))
        for (cx, cy), (hx, hy), label, view in zip(centres, halves, labels, case["views"]):
            same(f"label in {entity}", label.startswith(f"map {view['map']}:"), True)
            width, height = atlas["tile"]
            left, top, right = round(cx - hx), round(cy - hy), round(cx + hx)
            for number, x in [(view["projection"], left), (view["patch"], right - width)]:
                if number is not None:
                    found = image.crop((x, top, x + width, top + height)).tobytes()
                    same(f"a tile of {entity} at {epoch}", found == tile(atlas, number).tobytes(), True)


def columns(recording, expected):
    """The evolution grid: one column per epoch, projection above patch."""
    for case in expected:
        atlas, view = case["atlas"], case["views"][0]
        width, height = atlas["tile"]
        image = recording.image(case["entity"], case["epoch"])
        for number, y in [(view["projection"], 0), (view["patch"], height)]:
            if number is not None:
                found = image.crop((0, y, width, y + height)).tobytes()
                same(f"{case['entity']}", found == tile(atlas, number).tobytes(), True)


def main():
    path, expected = sys.argv[1:]
    with open(expected, encoding="utf-8") as file:
        expected = json.load(file)
    recording = Recording(path)
    scalars(recording, expected["scalars"])
    texts(recording, expected["texts"])
    pictures(recording, expected["pictures"])
    pairs(recording, expected["pairs"])
    columns(recording, expected["columns"])
    same("timelines", recording.timelines, set(expected["timelines"]))
    if "items" in recording.timelines:
        items = expected["items_per_epoch"]
        same("items", {done - epoch * items for done, epoch in recording.items}, {0})
    count = sum(len(by_epoch) for by_epoch in expected["pictures"].values())
    print(f"{len(expected['scalars'])} series, {count} pictures, {len(expected['pairs'])} drawn ones agree")


main()
