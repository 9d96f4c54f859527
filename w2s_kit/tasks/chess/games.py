"""The games that puzzles come from, and puzzles as text: the moves up to the position, then the best move.

    ctx     1. e4 1... e5 2. Nf3 2... d6 3.
    target   Bc4

The format of the paper's chess puzzles (Burns et al. 2023, Appendix A.2) and of EleutherAI/lichess-puzzles:
SAN, every half-move numbered, the set-up move included, and a blank before the target. The number of the move
to be found ends the text; a reader must do with or without it.
"""

from __future__ import annotations

import io
import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import chess
import chess.pgn

from ...shared.files import written_whole
from ..rows import Rejected, Report, Source, once, records, rows_of, text_of
from ..rows.lines import lines
from .lichess import game_id
from .puzzle import Puzzle, keys
from .rules import push

NAMES_A_GAME = 20  #: Half-moves that hardly two games share; see `lines_of_play`.
LONGEST = 50_000  # characters of a text: the longest game that the rules allow has about 12,000 half-moves
TAG = re.compile(rb'\[\w+\s+"')  # a comment may have a line like [%clk 0:01:00]


def _number(ply: int) -> str:
    return f"{ply // 2 + 1}." + ".." * (ply % 2)


def prompt(game: Iterable[str]) -> str:
    """A game as the models read it; `game` holds its moves in UCI, from the initial position on.

    Raises ValueError for an illegal move.
    """
    board, parts = chess.Board(), []
    for move in game:
        parts += [_number(board.ply()), board.san(board.parse_uci(move))]
        push(board, move)
    return " ".join([*parts, _number(board.ply())])


def target(puzzle: Puzzle) -> str:
    """The best move in SAN, after a blank."""
    return " " + chess.Board(puzzle.fen).san(chess.Move.from_uci(puzzle.solution[0]))


# ---- PGN ---------------------------------------------------------------------------------------------
class _MainLine(chess.pgn.BaseVisitor[list[chess.Move]]):
    """The moves of a game, up to the first that cannot be read."""

    def begin_game(self):
        self.moves = []

    def begin_variation(self):
        return chess.pgn.SKIP

    def visit_move(self, board, move):
        self.moves.append(move)

    def handle_error(self, error):
        pass  # whatever comes after it: the position reached tells whether the moves are the right ones

    def result(self):
        return self.moves


def _games(path: Path, wanted: Mapping[str, object], report: Report) -> Iterator[tuple[int, str, str]]:
    """(row, id, text) of the games with a wanted id in the Site tag. The others are passed over, unparsed."""
    start, name, text, in_tags = 0, "", [], False
    for row, line in lines(path, report):
        if isinstance(line, Rejected) or not line.strip():
            continue
        tag = TAG.match(line) is not None
        if tag and not in_tags:
            if name:
                yield start, name, "\n".join(text)
            start, name, text = row, "", []
        if tag and line.startswith(b"[Site "):
            found = game_id(line[6:].decode("utf-8", "replace").strip(' "]\r'))
            name = found if found in wanted else ""
        if tag or name:
            text.append(line.decode("utf-8", "replace"))
        in_tags = tag
    if name:
        yield start, name, "\n".join(text)


def _up_to(puzzle: Puzzle, moves: list[chess.Move]) -> tuple[str, ...]:
    """The moves of a game before the puzzle, UCI. Raises Rejected where they do not lead to its position."""
    position, board = chess.Board(puzzle.fen), chess.Board()
    ply = position.ply()
    if len(moves) < ply:
        raise Rejected(
            "game too short",
            f"{len(moves)} half-moves that can be read; puzzle {puzzle.id} stands after {ply}",
        )
    game = tuple([push(board, move.uci()) for move in moves[:ply]])
    if board.epd() != position.epd() or (puzzle.setup and game[-1:] != (puzzle.setup,)):
        reached = f"{board.fen()} by {game[-1] if game else 'no move'} after {ply} half-moves"
        raise Rejected(
            "another position",
            f"{reached}; puzzle {puzzle.id} has {puzzle.fen} by {puzzle.setup or 'any move'}",
        )
    return game


def join_games(puzzles: Iterable[Puzzle], pgn: str | Path, report: Report | None = None) -> Iterator[Puzzle]:
    """The puzzles with the moves of their games, which are looked up by game id in a PGN file.

    The file is plain, gzip or zstd, and the puzzles come in its order. They are held in memory, the file is
    not. `report` counts the puzzles. A puzzle is rejected if its game is missing, or if the game does not
    reach its position in as many half-moves as its FEN says.
    """
    path, report, wanted = Path(pgn), Report() if report is None else report, defaultdict(list)
    for puzzle in puzzles:
        report.read += 1
        if puzzle.game_id:
            wanted[puzzle.game_id].append(puzzle)
        else:
            report.reject(f"puzzle {puzzle.id}", Rejected("no game id"))
    for row, name, text in _games(path, wanted, report):
        moves = chess.pgn.read_game(io.StringIO(text), Visitor=_MainLine) or []
        for puzzle in wanted.pop(name):
            try:
                game = _up_to(puzzle, moves)
            except Rejected as why:
                report.reject(f"{path}, row {row}", why)
                continue
            report.kept += 1
            yield replace(puzzle, game=game)
    for puzzle in itertools.chain.from_iterable(wanted.values()):
        report.reject(str(path), Rejected("game not found", f"{puzzle.game_id}, of puzzle {puzzle.id}"))


# ---- text --------------------------------------------------------------------------------------------
def write_text(puzzles: Iterable[Puzzle], path: str | Path) -> int:
    """Writes puzzles with their games as JSON lines with id, ctx and target, and returns their number.

    `read_text` reads such a file. It is written whole or not at all. Raises ValueError for a puzzle whose
    game does not lead to its position.
    """
    count = 0
    with written_whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        for count, puzzle in enumerate(puzzles, 1):
            _check_game(puzzle)
            row = {"id": puzzle.id, "ctx": prompt(puzzle.game), "target": target(puzzle)}
            file.write(json.dumps(row) + "\n")
    return count


def _check_game(puzzle: Puzzle) -> None:
    board = chess.Board()
    for move in puzzle.game:
        push(board, move)
    if board.epd() != chess.Board(puzzle.fen).epd():
        lacks = f"its {len(puzzle.game)} moves lead to another position" if puzzle.game else "it has no game"
        raise ValueError(
            f"puzzle {puzzle.id}: {lacks}, so it cannot be written as text. Find the games first: "
            "write_text(join_games(puzzles, PGN_FILE), path)"
        )


def read_text(source: Source, report: Report | None = None) -> Iterator[Puzzle]:
    """Puzzles from rows with the texts id, ctx and target, as in EleutherAI/lichess-puzzles.

    `source` is a file (CSV with header, JSON lines, a JSON array, parquet; see `rows`), or the rows
    themselves. The puzzles have no rating: the file of Lichess has it, by id. Any other row is counted in
    `report`. So is a puzzle that was there before, by its id, or by its position and solution.
    """
    report = Report() if report is None else report
    return records(rows_of(source, report), once(_from_text, keys, "stands twice"), report)


def _from_text(row: Mapping) -> Puzzle:
    if "ctx" not in row and {"fen", "moves"} <= {str(name).lower() for name in row}:
        remedy = "write_text(join_games(read_puzzles(FILE), PGN_FILE), TEXT_FILE)"
        raise Rejected(
            "no text",
            f"this is a puzzle as Lichess lists it, without the moves before it; find its game: {remedy}",
        )
    name, ctx, best = (text_of(row, name, LONGEST) for name in ("id", "ctx", "target"))
    words, board = ctx.split(), chess.Board()
    for ply, number in enumerate(words[::2]):
        if number != _number(ply):
            raise Rejected("wrong move number", f"{number[:80]} where {_number(ply)} is due")
    game = tuple([_push_san(board, san) for san in words[1::2]])
    fen = board.fen()
    return Puzzle(name, fen, (_push_san(board, best.strip()),), game[-1] if game else "", game=game)


def lines_of_play(games: Sequence[tuple[str, ...]]) -> list[int]:
    """For each list of moves, the place of the first list of the same game, so equal numbers mean one game.

    Of two positions of one game, the moves to the one begin the moves to the other. So a list goes with the
    longest other list that begins it, and with whatever that goes with. But many games begin alike: a list of
    fewer than NAMES_A_GAME half-moves, from which the lists here go on in two ways or more, is an opening,
    and no list goes with it. It may go with a shorter one.

    Lists that are joined without need cost little: their puzzles only stand in one part. The threshold is
    from 400 games of grandmasters, who repeat each other more than most: 7 % share their first 16 half-moves
    with another game, 2 % their first 20, always with a single other one, and none their first 24.
    """
    places = sorted(range(len(games)), key=lambda place: (games[place], place))
    begun_by: dict[int, int] = {}  # from the first place of a list to that of the list that begins it
    first: dict[tuple[str, ...], int] = {}
    open_: list[int] = []  # lists, each of which begins the next
    for place in places:  # in this order, what a list begins comes right after it
        game = games[place]
        if first.setdefault(game, place) != place:
            continue
        while open_ and game[: len(games[open_[-1]])] != games[open_[-1]]:
            open_.pop()
        if open_:
            begun_by[place] = open_[-1]
        open_.append(place)
    ways = Counter(begun_by.values())
    root: dict[int, int] = {}
    for place in first.values():  # sorted, so what begins a list has its root before it
        before = begun_by.get(place)
        if before is None or (len(games[before]) < NAMES_A_GAME and ways[before] > 1):
            root[place] = place
        else:
            root[place] = root[before]
    return [root[first[game]] for game in games]


def _push_san(board: chess.Board, san: str) -> str:
    try:
        move = board.parse_san(san)
    except ValueError as error:
        raise Rejected("bad move", error) from None
    if not move:  # "--", the null move
        raise Rejected("bad move", san)
    board.push(move)
    return move.uci()
