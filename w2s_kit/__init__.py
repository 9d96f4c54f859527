"""Weak-to-strong generalization, from the first experiment to the scaling curves.

    import w2s_kit as w2s

    result = w2s.three_stages(w2s.Settings("danger"), supervisor="s", student="xl")
    result = w2s.three_stages(w2s.Settings("danger"), "s", "xl", w2s.methods.confidence(alpha_max=0.5))

These are the names that most notebooks use; `dir(w2s_kit)` lists them. Each is loaded when it is first used,
so that the import itself takes no time and nothing is loaded that is not needed.
"""

from importlib import import_module
from typing import Any

# module -> the names that it gives
_NAMES = {
    # an experiment and its parts
    "experiment.settings": ("Settings", "CHESS", "PREFERENCE"),
    "experiment.stages": (
        "three_stages",
        "run_ground_truth",
        "run_student",
        "run_labels",
        "run_stopped",
        "run_zero_shot",
    ),
    "experiment.grid": ("grid",),
    "experiment.result": ("Result", "summarise"),
    "experiment.run": ("Run",),
    "experiment.store": ("Store",),
    # numbers
    "metrics.pgr": ("pgr", "estimate_pgr"),
    "metrics.answers": ("accuracy", "error_sources"),
    "metrics.intervals": ("mean_interval",),
    "shared.files": ("results",),
    # data and models
    "tasks": ("Split", "load_task", "own_task"),
    "models.families": ("load_family",),
    "models.loading": ("load_model", "load_classifier"),
    "models.reward": ("RewardModel",),
    "models.writer": ("Writer",),
    # training and looking inside
    "training.config": ("TrainConfig",),
    "training.loop": ("finetune",),
    "training.reading": ("predict", "features"),
    "inside.probes": ("fit_probe",),
    # exercises
    "course.checks": ("check",),
    "course.guesses": ("guess", "guesses"),
}
_MODULES = {
    "claims": "report.claims",
    "methods": "methods",
    "plots": "report.plots",
    "tasks": "tasks",
    "theory": "studies.theory",
}
_FROM = {name: module for module, names in _NAMES.items() for name in names}
__all__ = sorted([*_FROM, *_MODULES, "__version__"])


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib import metadata

        try:
            return metadata.version(__name__)
        except metadata.PackageNotFoundError:
            return "not installed"
    if name in _FROM:
        return getattr(import_module(f".{_FROM[name]}", __name__), name)
    if name in _MODULES:
        return import_module(f".{_MODULES[name]}", __name__)
    from .shared.names import nearest

    raise AttributeError(f"module {__name__!r} has no attribute {name!r}: {nearest('name', name, __all__)}")


def __dir__() -> list[str]:
    return __all__
