"""What a training sends to a tracker: each row of its history, once, under a name that says what it is."""

from dataclasses import replace
from importlib import metadata

import accelerate.tracking
import pytest

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_zero_shot, three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.training.config import TRACKERS, TrainConfig
from w2s_kit.training.trackers import tracked

SMALL = Settings("danger", n_train=64, n_test=40)


class Fake:
    """A tracker that keeps what it is told."""

    def __init__(self, project, told, **options):
        self.project, self.options, self.rows, self.state = project, options, [], "made"
        told.append(self)

    def start(self):
        self.state = "started"

    def log(self, values, step):
        self.rows.append({"step": step, **values})

    def finish(self):
        self.state = "finished"


@pytest.fixture
def told(monkeypatch):
    trackers: list[Fake] = []
    for name in TRACKERS:
        make = lambda project, **options: Fake(project, trackers, **options)
        monkeypatch.setitem(accelerate.tracking.LOGGER_TYPE_TO_CLASS, name, make)
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "1.0" if name in TRACKERS else real(name))
    return trackers


def test_every_training_is_sent_and_stays_the_same_run(told, tmp_path):
    store = Store(tmp_path / "runs")
    result = three_stages(replace(SMALL, report_to="wandb"), "xs", "s", store=store)
    assert [(one.project, one.options["name"], one.state) for one in told] == [
        ("w2s_kit", "danger ground_truth supervisor xs 0", "finished"),
        ("w2s_kit", "danger student xs s 0", "finished"),
        ("w2s_kit", "danger ground_truth student s 0", "finished"),
    ]
    for one, run in zip(told, (result.supervisor, result.student, result.ceiling)):
        assert one.rows == run.metrics["history"] and one.options["config"]["lr"] == run.config["train"]["lr"]
    again = three_stages(SMALL, "xs", "s", store=store)
    assert again.student.name == result.student.name and len(told) == 3, "it is no part of a run's key"
    run_zero_shot(replace(SMALL, report_to="wandb"), "s", store=store)
    assert len(told) == 3, "nothing is trained, so nothing is sent"


def test_tensorboard_has_a_folder_a_run(told):
    with tracked(TrainConfig(lr=1e-3, report_to="tensorboard", report_as="rows:my file student s")) as send:
        send({"step": 3, "loss": 0.5})
    (one,) = told
    assert one.project == "w2s_kit/rows-my-file-student-s" and one.options == {"logging_dir": "tracked"}
    assert one.rows == [{"step": 3, "loss": 0.5}]


def test_a_tracker_is_ended_where_training_fails(told):
    with pytest.raises(ZeroDivisionError), tracked(TrainConfig(lr=1e-3, report_to="trackio")):
        raise ZeroDivisionError
    assert told[0].state == "finished"


def test_without_one_nothing_is_sent_and_others_are_refused():
    with tracked(TrainConfig(lr=1e-3)) as send:
        send({"step": 1})
    with pytest.raises(ValueError, match="unknown report_to 'tensorbord'; did you mean 'tensorboard'"):
        TrainConfig(lr=1e-3, report_to="tensorbord")


def test_one_that_is_not_installed_says_how(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    with pytest.raises(ImportError, match="report_to='wandb' needs accelerate: .*pip install"):
        with tracked(TrainConfig(lr=1e-3, report_to="wandb")):
            pass
