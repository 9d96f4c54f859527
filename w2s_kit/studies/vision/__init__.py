"""Weak to strong on images (Burns et al. 2023, Appendix D.1; notebook 12).

A weak supervisor labels images. A student learns from these labels by a linear probe on a representation that
was learned without labels and stays as it is.

    stages          the three stages: supervisor, student and ceiling
    digits          mini tier: scikit-learn's handwritten digits, a supervisor that sees six of their 64
                    pixels, and three representations in the roles of the paper's two DINO models
    contrast        one of them: an encoder that learns that two views of an image are one thing, as DINO does
    folders         real tier: a folder of images
    image_models    real tier: a classifier and a frozen model of the hub

The tiers differ in arguments only:

    three_stages("patches")
    three_stages(
        "facebook/dino-vitb8", supervisor="timm/mobilenetv3_small_050.lamb_in1k", images="my_images"
    )

Labels are hard, the supervisor's first choice and nothing more: that is what a logistic regression for ten
classes or a thousand learns from without further ado. The released code of the paper gives its probes soft
labels here.
"""

from .contrast import contrastive, contrastive_loss, views
from .digits import (
    COLUMNS,
    CONTROLS,
    ROWS,
    STUDENTS,
    Digits,
    Encode,
    learn,
    load_digits,
    represent,
    supervise,
)
from .folders import FOLDERS, SUFFIXES, ImageFolder, read_folder
from .image_models import features, predictions
from .stages import Stages, probe, three_stages
