"""A sparse autoencoder: features as sums of a few directions out of many.

So each direction may come to mean one thing.

    a = TopK(W (x - b) + c)        all but the k largest are 0, negative ones too: the latents
    y = D a + b                    the columns of D, each of length 1, are the directions
    loss = |x - y|^2 / |x - mean|^2

(Makhzani and Frey 2013, 1312.5663; Gao et al. 2024, 2406.04093, without their extra loss for latents that
never fire.) No labels: what a latent means has to be found out afterwards. Notebook 24 does.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn


class SAE(nn.Module):
    """`latents` directions for features of `width`, of which at most `k` are used at a time."""

    def __init__(self, width: int, latents: int = 512, k: int = 16):
        super().__init__()
        if not 0 < k <= latents:
            raise ValueError(f"of {latents} latents, 1 to {latents} can be used at a time, not k={k}")
        self.k, self.directions = k, nn.Parameter(nn.functional.normalize(torch.randn(latents, width)))
        self.encoder, self.shift, self.origin = (
            nn.Parameter(self.directions.detach().clone()),
            nn.Parameter(torch.zeros(latents)),
            nn.Parameter(torch.zeros(width)),
        )

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        """The latents of features, shape (n, latents): at most k of a row are above 0, the others are 0."""
        values, places = torch.relu((x - self.origin) @ self.encoder.T + self.shift).topk(self.k)
        return torch.zeros(len(x), len(self.shift), device=x.device).scatter(1, places, values)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The features (n, width) as the latents tell them: `encode`, then the sum of the directions."""
        return self.encode(x) @ self.directions + self.origin

    @torch.no_grad()
    def latents(self, x: np.ndarray) -> np.ndarray:
        """As `encode`, from and to arrays: (n, latents) of features (n, width)."""
        return self.encode(torch.as_tensor(np.asarray(x, np.float32))).numpy()

    def without(self, x: np.ndarray, latent: int) -> np.ndarray:
        """The features without what one latent adds to them, (n, width)."""
        return x - self.latents(x)[:, [latent]] * self.directions[latent].detach().numpy()

    @torch.no_grad()
    def unexplained(self, x: np.ndarray) -> float:
        """Share of the features' variance that is lost on the way."""
        x = torch.as_tensor(np.asarray(x, np.float32))
        return float(((x - self(x)) ** 2).sum() / ((x - x.mean(dim=0)) ** 2).sum())


def fit_sae(
    x: np.ndarray,
    latents: int = 512,
    k: int = 16,
    *,
    steps: int = 2_000,
    batch_size: int = 128,
    lr: float = 2e-3,
    seed: int = 0,
) -> SAE:
    """Trained on features `x` (n, width) by Adam, its rate falling to 0."""
    x = torch.as_tensor(np.asarray(x, np.float32))
    centre = x.mean(dim=0)
    # features of one size, so that lr fits all models
    size = (x - centre).pow(2).sum(dim=1).mean().sqrt() / x.shape[1] ** 0.5
    with torch.random.fork_rng([]):  # the caller's generator stays as it was
        torch.manual_seed(seed)
        sae, x = SAE(x.shape[1], latents, k), (x - centre) / size
        optimizer = torch.optim.Adam(sae.parameters(), lr)
        for step in range(steps):
            optimizer.param_groups[0]["lr"] = lr * (1 - step / steps)
            batch = x[torch.randint(len(x), (batch_size,))]
            loss = (sae(batch) - batch).pow(2).sum(dim=1).mean() / x.shape[1]
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                sae.directions.copy_(nn.functional.normalize(sae.directions))
    with torch.no_grad():  # back to the size of the features: latents then count in their units
        sae.shift.mul_(size)
        sae.origin.mul_(size).add_(centre)
    return sae
