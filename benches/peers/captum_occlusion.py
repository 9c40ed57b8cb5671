"""captum's occlusion on the nets, squares and outputs of `benches/src/bin/occlusion.rs`.

    python3 -m venv venv && venv/bin/pip install torch captum
    venv/bin/python benches/peers/captum_occlusion.py [residual|vgg] [SHARE] [LAYER ...]

captum computes every covered image from the pixels on. A layer's map is the output of the net cut off behind that
layer. `perturbations_per_eval` is the best of several, tried on squares 16 pixels apart (196 places). With a `SHARE`
below 1 these are measured too, and times are scaled up to all places. `LAYER` names the layers whose maps are
measured besides the class scores; without names, all of them.
"""

import sys
import time

import torch
from captum.attr import Occlusion
from captum_projection import Residual, Vgg
from torch import nn

SIDE, SQUARE, STRIDE, CLASSES, TIMES = 224, 16, 8, 1000, 3
TRIED = [1, 4, 8, 16, 32]


class Classifier(nn.Module):
    def __init__(self, trunk, maps):
        super().__init__()
        self.trunk = trunk
        self.head = nn.Linear(maps, CLASSES)

    def forward(self, x):
        return self.head(self.trunk(x).mean((2, 3)))


def seconds(forward, image, target, at_once, stride):
    start = time.perf_counter()
    Occlusion(forward).attribute(
        image,
        sliding_window_shapes=(3, SQUARE, SQUARE),
        strides=(3, stride, stride),
        target=target,
        baselines=0,
        perturbations_per_eval=at_once,
    )
    places = [((SIDE - SQUARE) // apart + 1) ** 2 for apart in (STRIDE, stride)]
    return (time.perf_counter() - start) * places[0] / places[1]


def measure(name, forward, image, target, stride):
    trial = {n: seconds(forward, image, target, n, SQUARE) for n in TRIED}
    best = min(trial, key=trial.get)
    times = [seconds(forward, image, target, best, stride) for _ in range(TIMES)]
    print(f"{name:<34}" + "".join(f"{t:8.3f}" for t in times) + f"  ({best} at once)", flush=True)


def main():
    kind, maps, last = {"residual": (Residual, 64, 9), "vgg": (Vgg, 512, 12)}[
        sys.argv[1] if len(sys.argv) > 1 else "residual"
    ]
    share = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    stride = STRIDE if share >= 1 else SQUARE
    torch.manual_seed(1)
    image = torch.randn(1, 3, SIDE, SIDE)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    net = Classifier(kind(last), maps).eval()
    measure("class scores", net, image, 0, stride)
    for index, name in enumerate(kind.layers):
        if len(sys.argv) > 3 and name not in sys.argv[3:]:
            continue
        cut = kind(index).eval()
        measure(name, lambda x: cut(x)[:, 0].sum((1, 2)), image, None, stride)


if __name__ == "__main__":
    import warnings

    warnings.filterwarnings("ignore")
    main()
