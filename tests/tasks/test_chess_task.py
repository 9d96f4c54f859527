"""Chess as a task: shipped puzzles, their split, and the loop on them."""

import dataclasses
import random

import chess
import numpy as np
import pandas as pd
import pytest
from make_puzzles import hunted_king, solved
from samples import random_games
from stand_ins import replace_loaders

from w2s_kit.experiment import splits
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_student, three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.models.chess_policy import ChessPolicy, ChessPolicyConfig
from w2s_kit.models.families import Family, ModelSpec, load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks import chess as domain
from w2s_kit.tasks import load_task
from w2s_kit.tasks.chess import games as chess_games
from w2s_kit.tasks.chess.board import legal_moves, place


@pytest.fixture(scope="module")
def some_puzzles():
    """Of random positions; three in a row are given one game, as puzzles of played games may have."""
    rng, rows = random.Random(0), []
    while len(rows) < 180:
        if (found := solved(hunted_king(rng), two=False)) and found[0] not in {row[0] for row in rows}:
            rows.append(found)
    table = pd.DataFrame(rows, columns=["fen", "moves", "theme", "tempting", "verified"])
    table["game"] = [f"game-{i // 3}" for i in range(len(table))]
    return table.assign(id=[f"p{i}" for i in range(len(table))], difficulty=table["tempting"].rank(pct=True))


@pytest.fixture
def shipped(some_puzzles, monkeypatch):
    monkeypatch.setattr(domain.task, "puzzles", lambda: some_puzzles)
    splits.forget_splits()
    yield some_puzzles
    splits.forget_splits()


def test_a_split_of_puzzles(shipped):
    split = load_task("chess", seed=1, n_train=25, n_test=40)
    assert [len(table) for table in split.parts.values()] == [25, 25, 25, 25, 40] and split.kind == "choices"
    moves = shipped.set_index("fen")["moves"]
    for table in split.parts.values():
        for row in table.itertuples():
            assert legal_moves(row.text)[row.label] == moves[row.text]
    assert (
        split.hash
        == load_task("chess", seed=1, n_train=25, n_test=40).hash
        != load_task("chess", seed=2, n_train=25, n_test=40).hash
    )
    assert len(load_task("chess", n_train=60, n_test=40).fresh) == 0, "what is not there is not made up"
    with pytest.raises(ValueError, match="chess/student: .* of 90 examples are left, of 180"):
        load_task("chess", n_train=90, n_test=30)


def test_easy_and_hard_halves_have_one_test(shipped):
    both, easy, hard = (
        load_task(name, seed=3, n_train=25, n_test=40) for name in ("chess", "chess-easy", "chess-hard")
    )
    assert both.test["text"].tolist() == easy.test["text"].tolist() == hard.test["text"].tolist()
    for half in ("supervisor", "student"):
        assert (getattr(easy, half)["difficulty"] <= 0.5).all() and (
            getattr(hard, half)["difficulty"] > 0.5
        ).all()
        assert (
            getattr(both, half)["difficulty"].between(0, 1).all()
            and getattr(both, half)["difficulty"].nunique() > 3
        )


@pytest.fixture
def family(tmp_path, monkeypatch):
    specs = []
    for name, filters in (("small", 4), ("middle", 6), ("big", 8)):
        model = ChessPolicy(ChessPolicyConfig(filters=filters, blocks=1))
        model.save_pretrained(tmp_path / name)
        specs.append(
            ModelSpec(name, str(tmp_path / name), 3e-3, sum(p.numel() for p in model.parameters()), 1e9)
        )
    replace_loaders(monkeypatch.setattr, load_family=lambda name: Family("chess", tuple(specs)))
    return Family("chess", tuple(specs))


@pytest.mark.parametrize("hard", [True, False])
def test_three_stages_and_a_chain_on_the_board(shipped, family, tmp_path, hard):
    settings = Settings(task="chess", family="chess", n_train=25, n_test=40, epochs=2, hard_labels=hard)
    store = Store(tmp_path / "runs")
    result = three_stages(settings, "small", "big", store=store)
    for run in (result.supervisor, result.student, result.ceiling):
        texts = load_task("chess", n_train=25, n_test=40).test["text"]
        assert all(0 <= answer < len(legal_moves(fen)) for fen, answer in zip(texts, run.answers())), (
            "every answer is a legal move"
        )
    chained = run_student(settings, "small", "big", "bootstrap", store=store)
    assert chained.config["chain"] == ["small", "middle"] and len(chained.predictions) == 40


def test_a_policy_from_scratch_and_a_linear_probe(family):
    import torch

    torch.manual_seed(0)
    pretrained, again = load_classifier(family["big"]), load_classifier(family["big"])
    scratch, other = load_classifier(family["big-scratch"]), load_classifier(family["big-scratch"])
    weights = lambda model: model.stem.weight.detach().numpy()
    np.testing.assert_array_equal(weights(pretrained), weights(again))
    assert not np.array_equal(weights(scratch), weights(pretrained)) and not np.array_equal(
        weights(scratch), weights(other)
    )
    assert (
        family["big-scratch"].weights_hash.startswith("random-")
        and family["big-scratch"].pretraining_flops == 0
        and family.names == ["small", "middle", "big"]
    )
    probe = load_classifier(family["big"], linear_probe=True)
    assert {name.split(".")[0] for name, p in probe.named_parameters() if p.requires_grad} == {"head"}
    with pytest.raises(ValueError, match="did you mean 'big'"):
        family["bigg"]


def test_a_language_model_from_scratch():
    import torch

    spec = load_family()["xs"]
    torch.manual_seed(0)
    pretrained, scratch = load_classifier(spec), load_classifier(load_family()["xs-scratch"])
    assert scratch.backbone.norm.weight.dtype == torch.float32
    a, b = (model.backbone.get_input_embeddings().weight for model in (pretrained, scratch))
    assert a.shape == b.shape and not torch.equal(a, b)


def test_places_do_not_depend_on_who_moves(some_puzzles):
    for fen, moves in zip(some_puzzles["fen"][:40], some_puzzles["moves"]):
        board, move = chess.Board(fen), chess.Move.from_uci(moves.split()[0])
        mirrored = chess.Move(
            chess.square_mirror(move.from_square), chess.square_mirror(move.to_square), move.promotion
        )
        assert place(fen, move.uci()) == place(board.mirror().fen(), mirrored.uci())


# ---- as text -----------------------------------------------------------------------------------------


def test_puzzles_as_text_for_models_that_write(tmp_path):
    file = tmp_path / "puzzles.jsonl"
    assert domain.write_text(random_games(100), file) == 100
    split = load_task(f"chess-text:{file}", seed=1, n_train=20, n_test=15)
    assert [len(t) for t in split.parts.values()] == [20, 20, 20, 20, 15] and split.kind == "writing"
    originals = {domain.prompt(p.game): p for p in random_games(100)}
    for row in split.test.itertuples():
        puzzle = originals[row.text]
        board = chess.Board(puzzle.fen)
        assert board.parse_san(row.label).uci() == puzzle.solution[0] and sorted(row.among) == sorted(
            map(board.san, board.legal_moves)
        )
        assert row.text.split()[-1].endswith(".") and not row.label.startswith(" ")
    with pytest.raises(ValueError, match="no puzzle can be read"):
        file.write_text('{"id": "a", "ctx": "1. e5", "target": "e4"}\n')
        load_task(f"chess-text:{file}")


def positions_of_games(n, plies=(24, 27, 31, 40)):
    """Several positions of each of `n` random games, and each twice under another id; all with the games'
    first half-moves alike.
    """
    rng = random.Random(1)
    for i in range(n):
        board = chess.Board()
        for ply in range(41):
            if ply in plies:
                best = rng.choice(list(board.legal_moves))
                game = tuple(move.uci() for move in board.move_stack)
                for name in (f"{i}-{ply}", f"{i}-{ply} again"):
                    yield domain.Puzzle(name, board.fen(), (best.uci(),), game[-1], game=game)
            moves = [move for move in board.legal_moves if ply or move.uci() == "e2e4"]
            board.push(rng.choice(moves))


def test_positions_of_one_game_stand_in_one_part(tmp_path, capsys):
    file = tmp_path / "puzzles.jsonl"
    domain.write_text(positions_of_games(60), file)
    split = load_task(f"chess-text:{file}", n_train=30, n_test=30)
    assert (
        split.report.rejected["stands twice"] == 240 <= split.report.kept + 5
        and "240 x" in capsys.readouterr().out
    )
    games = {domain.prompt(p.game): p.id.split("-")[0] for p in positions_of_games(60)}
    parts = [{games[text] for text in part["text"]} for part in split.parts.values()]
    assert sum(map(len, parts)) == len(set.union(*parts)), "no game in two parts"
    assert sum(map(len, parts)) > 30, "and the games are not one group"


def test_lines_of_play(monkeypatch):
    monkeypatch.setattr(chess_games, "NAMES_A_GAME", 3)
    lists = ["e", "ed", "edf", "edfg", "edfh", "edfhi", "k", "kl", "klm", "edf", "x", "", "kn"]
    found = chess_games.lines_of_play([tuple(moves) for moves in lists])
    together = {
        tuple(sorted(lists[i] or "-" for i, root in enumerate(found) if root == one)) for one in set(found)
    }
    assert together == {
        ("e", "ed", "edf", "edf", "edfg", "edfh", "edfhi"),
        ("k",),
        ("kl", "klm"),
        ("kn",),
        ("x",),
        ("-",),
    }
    assert chess_games.lines_of_play([]) == [] and chess_games.lines_of_play([("e",), ("e",)]) == [0, 0]


def test_puzzles_without_games_are_not_written(tmp_path):
    puzzle = next(random_games(1))
    for broken in (dataclasses.replace(puzzle, game=()), dataclasses.replace(puzzle, game=puzzle.game[:-2])):
        with pytest.raises(ValueError, match="puzzle p0: .*join_games"):
            domain.write_text([puzzle, broken], tmp_path / "a.jsonl")
    assert not list(tmp_path.iterdir())
    assert domain.write_text([puzzle], tmp_path / "a.jsonl") == 1 and list(
        domain.read_text(tmp_path / "a.jsonl")
    ) == [puzzle]


def test_a_file_of_lichess_says_what_to_do(tmp_path):
    (tmp_path / "lichess.csv").write_text("PuzzleId,FEN,Moves\na,8/8/8/8/8/8/8/8 w - - 0 1,e2e4\n")
    with pytest.raises(ValueError, match=r"(?s)no puzzle can be read.*write_text\(join_games\(read_puzzles"):
        load_task(f"chess-text:{tmp_path / 'lichess.csv'}")
