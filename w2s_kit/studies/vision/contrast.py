"""An encoder that learns without labels: two views of one image should look alike, and others not.

This is contrastive learning as in SimCLR (Chen et al. 2020, 2002.05709), for images of 8 x 8 pixels.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from tqdm.auto import tqdm

#: How far a view may differ from its image: turned (radians), larger or smaller, slanted, moved (half an
#: image is 1), and noise on each pixel. A digit stays the same digit.
TURNED, SIZED, SLANTED, MOVED, NOISE = 0.35, 0.2, 0.2, 0.2, 0.1
TEMPERATURE = 0.5  #: of the softmax over all other views
RATE, BATCH, CHANNELS = 3e-3, 200, 16


def views(images: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
    """One view of each image, (n, 1, height, width), as they are: turned, scaled, slanted, moved, noisy."""

    def up_to(most: float, *shape: int) -> torch.Tensor:
        return most * (2 * torch.rand(len(images), *shape, generator=draws) - 1)

    angle, size, slant, place = up_to(TURNED), 1 + up_to(SIZED, 2), up_to(SLANTED), up_to(MOVED, 2)
    rows = (
        torch.stack([size[:, 0] * angle.cos(), slant - angle.sin(), place[:, 0]], dim=1),
        torch.stack([angle.sin(), size[:, 1] * angle.cos(), place[:, 1]], dim=1),
    )
    grid = F.affine_grid(torch.stack(rows, dim=1), list(images.shape), align_corners=False)
    moved = F.grid_sample(images, grid, align_corners=False)
    return moved + NOISE * torch.randn(moved.shape, generator=draws)


def contrastive_loss(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """The mean cross-entropy of finding a view's partner among all other views (NT-Xent of SimCLR).

    `one` and `other` (n, width) have length 1; row i of both is a view of image i.
    """
    both = torch.cat([one, other])
    alike = (both @ both.T / TEMPERATURE).fill_diagonal_(float("-inf"))  # nobody is its own partner
    n = len(one)
    partner = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(alike, partner)


def contrastive(
    images: np.ndarray, seed: int = 0, width: int = 16, passes: int = 300
) -> Callable[[np.ndarray], np.ndarray]:
    """Learn an encoder from `images` (n, 8, 8) alone, in so many `passes` over them.

    The function returned turns images into features (n, width) of length 1. With 0 passes the encoder is as
    it was drawn. What fills no batch of 200 is left out of a pass, other images each time. 300 passes over
    1,200 images take a quarter of a minute on one core. Raises ValueError for fewer passes than 0, or a width
    below 1.
    """
    if passes < 0 or width < 1:
        raise ValueError(f"passes are 0 or more, and width is 1 or more, but {passes} and {width} were given")
    pixels = lambda images: torch.tensor(images, dtype=torch.float32)[:, None]
    draws, known = torch.Generator().manual_seed(seed), pixels(images)
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        encoder = torch.nn.Sequential(
            *(torch.nn.Conv2d(1, CHANNELS, 3, padding=1), torch.nn.ReLU()),
            *(torch.nn.Conv2d(CHANNELS, 2 * CHANNELS, 3, padding=1, stride=2), torch.nn.ReLU()),
            *(torch.nn.Conv2d(2 * CHANNELS, 2 * CHANNELS, 3, padding=1, stride=2), torch.nn.ReLU()),
            torch.nn.Flatten(),
            torch.nn.LazyLinear(width),
        )
        encoder(known[:1])
    batches = max(1, len(known) // BATCH)
    optimizer = torch.optim.AdamW(encoder.parameters(), lr=RATE, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=max(1, passes * batches))
    quiet = bool(os.environ.get("TQDM_DISABLE"))
    for _ in tqdm(range(passes), "encoder", delay=2, leave=False, disable=quiet):
        order = torch.randperm(len(known), generator=draws)
        for i in range(batches):
            batch = known[order[i * BATCH : (i + 1) * BATCH]]
            one, other = (F.normalize(encoder(views(batch, draws)), dim=1) for _ in range(2))
            optimizer.zero_grad()
            contrastive_loss(one, other).backward()
            optimizer.step()
            schedule.step()

    @torch.inference_mode()
    def encode(images: np.ndarray) -> np.ndarray:
        return F.normalize(encoder(pixels(images)), dim=1).numpy()

    return encode
