"""The board of the arena: what it tells, what it refuses, and what it hides."""

import os
from dataclasses import replace

import numpy as np
import pytest
from rings import problems, ring, toy  # noqa: F401  fixtures

from w2s_kit.studies.arena import arena as organiser
from w2s_kit.studies.arena.arena import Arena
from w2s_kit.studies.arena.board import Board, Drawn, Refused
from w2s_kit.studies.arena.search import flip_blocks, flip_one_by_one


def failing(seed: int) -> Drawn:
    raise OSError("no such data")


def test_fewer_than_five_seeds_are_refused(ring):
    with pytest.raises(Refused, match="at least 5 seeds, this one 4"):
        Arena(toy, range(4))
    start = np.array([p.weak_test for p in ring.problems])
    for answers, message in (
        (start[:4], "at least 5 seeds"),
        (start[0], "at least 5 seeds"),
        (start[:, :9], "all seeds and all test inputs"),
        (start * 0.5, "0 or 1"),
        (start + 1, "0 or 1"),
    ):
        with pytest.raises(Refused, match=message):
            ring.score(answers)
    assert len(Board([toy(0)], min_seeds=1, secret=0).leaderboard()) == 0


def test_pgr_is_of_mean_accuracies_within_each_half():
    drawn = [toy(seed) for seed in range(5)]
    board = Board(drawn, ladder=None, secret=3)
    rows = lambda which: np.array(
        [getattr(d, which) if which != "weak_test" else d.problem.weak_test for d in drawn]
    )
    assert board.both(rows("weak_test")) == (0, 0) and board.both(rows("ceiling")) == (1, 1)
    public = np.random.default_rng(3).random(rows("truth").shape) < 0.5
    mixed = np.where(public, rows("truth"), rows("weak_test"))
    weak, ceiling = (
        np.mean([(row == d.truth)[mask].mean() for row, d, mask in zip(rows(which), drawn, public)])
        for which in ("weak_test", "ceiling")
    )
    assert board.both(mixed) == pytest.approx(((1 - weak) / (ceiling - weak), 0))


def test_a_ladder_releases_steps_only():
    drawn = [toy(seed) for seed in range(5)]
    exact, board = Board(drawn, ladder=None, secret=0), Board(drawn, ladder=0.05, secret=0)
    truth, answers = np.array([d.truth for d in drawn]), np.array([d.problem.weak_test for d in drawn])
    shown = [board.score(answers)]
    for row, place in list(zip(*np.nonzero(answers != truth)))[:200]:
        answers[row, place] = truth[row, place]
        shown.append(board.score(answers))
        assert exact.score(answers) - 0.1 < shown[-1] <= exact.score(answers) + 1e-9
    assert (
        shown == sorted(shown)
        and len(set(shown)) < 20
        and all(abs(s / 0.05 - round(s / 0.05)) < 1e-6 for s in shown)
    )
    assert board.score(1 - answers) == shown[-1], "a worse entry is told nothing"


def test_flips_read_an_open_board_and_not_a_ladder(ring):
    start = np.array([p.weak_test for p in ring.problems])
    ring.reopen(ladder=None)
    ring.score(flip_one_by_one(ring.score, start), "flips")
    opened = ring.reveal().iloc[0]
    assert opened["public"] > 0.9 and opened["private"] == 0
    ring.reopen(ladder=0.05)
    found = flip_one_by_one(ring.score, start)
    assert (found == start).all() and ring.score(found) <= 0.1
    assert (flip_blocks(ring.score, start, 200, 100, np.random.default_rng(0)) == start).mean() > 0.9
    ring.reopen(ladder=None)
    climbed = flip_blocks(ring.score, start, 300, 20, np.random.default_rng(0))
    assert ring.score(climbed) > ring.score(start)


def test_private_scores_are_shown_once_and_last(ring):
    ring.reopen()
    start = np.array([p.weak_test for p in ring.problems])
    ring.score(start, "supervisor")
    assert list(ring.leaderboard()) == ["entry", "public"] and set(ring.limits()) == {"supervisor", "ceiling"}
    assert ring.reveal()["private"].tolist() == [0]
    with pytest.raises(Refused, match="closed"):
        ring.score(start)
    with pytest.raises(Refused, match="no such request: both"):
        ring._ask("both", start)
    ring.reopen(ladder=None)


def test_a_server_survives_interruptions_and_nonsense(ring):
    ring.reopen(ladder=None)
    ring._connection.send((ring._requests, "limits", ()))  # a question whose reply nobody waited for
    assert set(ring.limits()) == {"supervisor", "ceiling"} and ring.leaderboard().empty
    if hasattr(os, "killpg"):
        os.kill(ring._server.pid, 2)  # as Ctrl-C does to a notebook's whole process group
    with pytest.raises((Refused, RuntimeError)):
        ring.score(np.full((5, 300), None))
    assert ring.score(np.array([p.weak_test for p in ring.problems])) == 0


def test_a_reopened_board_has_the_same_halves(ring):
    answers, scores = np.array([p.test[:, 0] > 0 for p in ring.problems]), set()
    for _ in range(3):
        ring.reopen(ladder=None)
        scores.add(ring.score(answers))
    assert len(scores) == 1


def test_a_machine_that_lacks_bounds_warns(ring, monkeypatch):
    monkeypatch.setattr(organiser, "missing_bounds", lambda: ["memory"])
    with pytest.warns(UserWarning, match="cannot bound a submission's memory"):
        ring.submit("def method(weak, inputs, model): return np.zeros(len(inputs.test))", "zeros")


def test_a_server_that_cannot_draw_says_so():
    with pytest.raises(OSError, match="no such data"):
        Arena(failing, range(5))


def no_gap(seed: int) -> Drawn:
    """`toy`, but its ceiling knows no more than its supervisor."""
    drawn = toy(seed)
    return replace(drawn, ceiling=drawn.problem.weak_test)


def narrow(seed: int) -> Drawn:
    """`toy`, but its ceiling mends two answers of its supervisor: a gap over seeds, noise over 300 inputs."""
    drawn = toy(seed)
    ceiling = drawn.problem.weak_test.copy()
    mended = np.flatnonzero(ceiling != drawn.truth)[:2]
    ceiling[mended] ^= 1
    return replace(drawn, ceiling=ceiling)


def one_in_two(seed: int) -> Drawn:
    return toy(seed) if seed else no_gap(seed)


WITHOUT_A_GAP = [(no_gap, range(5)), (no_gap, [0]), (narrow, range(5)), (one_in_two, range(2))]


@pytest.mark.parametrize("draw, seeds", WITHOUT_A_GAP)
def test_a_board_without_a_clear_gap_is_not_opened(draw, seeds):
    with pytest.raises(Refused, match="PGR is undefined.*not clearly beat the supervisor.*Draw a wider gap"):
        Board([draw(seed) for seed in seeds], min_seeds=1, secret=0)


def test_the_organiser_of_an_arena_without_a_clear_gap_is_told():
    with pytest.raises(Refused, match=r"PGR is undefined.*5 seeds of 300 inputs"):
        Arena(no_gap, range(5))
