"""captum's deconvnet on the nets, images and units of `benches/src/bin/projection.rs`.

    python3 -m venv venv && venv/bin/pip install torch captum
    venv/bin/python benches/peers/captum_projection.py [residual|vgg] [LARGEST_SHARE]

captum projects the gradient of one output number per sample: a unit of a layer is the output of the net cut
off behind that layer, and units share a pass as samples of a batch.
"""

import sys
import time

import torch
from captum.attr import Deconvolution
from torch import nn

SIDE, IMAGES, BATCH = 224, 9, 16


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(64, 64, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(64, 64, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(64)
        self.relu2 = nn.ReLU()

    def forward(self, x, until=None):
        y = self.relu1(self.bn1(self.conv1(x)))
        if until == 1:
            return y
        y = self.bn2(self.conv2(y))
        if until == 2:
            return y
        return self.relu2(y + x)


class Residual(nn.Module):
    layers = ["stem", "blocks.0.conv1", "blocks.0.conv2", "blocks.1.conv1", "blocks.1.conv2"]

    def __init__(self, until):
        super().__init__()
        self.until = until
        self.stem = nn.Conv2d(3, 64, 7, stride=2, padding=3)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.blocks = nn.ModuleList([Block(), Block()])

    def forward(self, x):
        x = self.relu(self.stem(x))
        if self.until == 0:
            return x
        x = self.pool(x)
        for i, block in enumerate(self.blocks):
            part = self.until - 2 * i
            x = block(x, part if part in (1, 2) else None)
            if part in (1, 2):
                return x
        return x


class Vgg(nn.Module):
    sizes = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]
    layers = [f"stages.{i}.{j}" for i, (_, count) in enumerate(sizes) for j in range(count)]

    def __init__(self, until):
        super().__init__()
        parts, channels, index = [], 3, 0
        for to, count in self.sizes:
            for _ in range(count):
                if index <= until:
                    parts += [nn.Conv2d(channels, to, 3, padding=1), nn.ReLU()]
                channels, index = to, index + 1
            if index <= until:
                parts.append(nn.MaxPool2d(2))
        self.parts = nn.Sequential(*parts)

    def forward(self, x):
        return self.parts(x)


def main():
    kind = {"residual": Residual, "vgg": Vgg}[sys.argv[1] if len(sys.argv) > 1 else "residual"]
    share = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    torch.manual_seed(1)
    images = torch.randn(IMAGES, 3, SIDE, SIDE)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    print(f"{'layer':<18} {'units':>6} {'measured':>9} {'seconds':>10}")
    for index, name in enumerate(kind.layers):
        net = kind(index).eval()
        with torch.no_grad():
            planes = net(images)
        maps, width = planes.shape[1], planes.shape[3]
        used = min(maps, max(1, -(-int(maps * share * 1000) // 1000)))
        best = planes[:, :used].flatten(2).argmax(2)
        units = [(image, m, int(best[image, m]) // width, int(best[image, m]) % width)
                 for m in range(used) for image in range(IMAGES)]
        method = Deconvolution(net)
        start = time.perf_counter()
        for i in range(0, len(units), BATCH):
            part = units[i:i + BATCH]
            x = images[[unit[0] for unit in part]].requires_grad_()
            # A target per sample: (map, row, column).
            method.attribute(x, target=[unit[1:] for unit in part])
        seconds = (time.perf_counter() - start) * maps / used
        print(f"{name:<18} {maps * IMAGES:>6} {used * IMAGES:>9} {seconds:>10.3f}", flush=True)


if __name__ == "__main__":
    import warnings

    warnings.filterwarnings("ignore")
    main()
