"""Three commands for who teaches with a fork.

python -m w2s_kit.course address OWNER/NAME --ref v0.1.0    # the fork's address, in every file
python -m w2s_kit.course split-staff ../w2s_2027            # what students may see, and what staff may see
python -m w2s_kit.course vary ../class_2027 --seed 4711     # problem sets with numbers of your own
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..shared.address import REF, REPOSITORY
from .address import ROOT, move
from .staff import STAFF_ONLY, split_staff
from .stopping import stopped_by_signals
from .varying import vary_all


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 2 for an argument that is unfit, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m w2s_kit.course")
    commands = parser.add_subparsers(dest="command", required=True)
    address = commands.add_parser("address", help="write the address of a fork into badges and setup cells")
    address.add_argument("repository", metavar="OWNER/NAME", help=f"on GitHub; now {REPOSITORY}")
    address.add_argument("--ref", default=REF, help=f"the tag or branch that notebooks install (now {REF})")
    split = commands.add_parser(
        "split-staff", help=f"DIR/students without {' and '.join(STAFF_ONLY)}, and DIR/staff with them"
    )
    split.add_argument("folder", type=Path, metavar="DIR")
    own = commands.add_parser("vary", help="problem sets with numbers of your own: DIR/source, DIR/release")
    own.add_argument("folder", type=Path, metavar="DIR")
    own.add_argument("--seed", type=int, required=True, help="draws the numbers; keep it to yourself")
    own.add_argument("--only", nargs="+", default=[], metavar="psN", help="these problem sets (default: all)")
    args = parser.parse_args(argv)
    try:
        if args.command == "address":
            _address(args)
        elif args.command == "split-staff":
            _split(args.folder)
        else:
            with stopped_by_signals():
                _vary(args)
    except (ValueError, OSError, ImportError, RuntimeError) as error:
        print(f"w2s_kit.course {args.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        left = "no file was changed" if args.command == "address" else f"{args.folder} is not complete"
        print(f"w2s_kit.course {args.command}: stopped; {left}", file=sys.stderr)
        return 130
    return 0


def _address(args: argparse.Namespace) -> None:
    changed = move(args.repository, args.ref)
    for path in changed:
        print(path.relative_to(ROOT))
    print(
        f"{len(changed)} files now say {args.repository} at {args.ref}. Commit them, and push that tag or "
        "branch: notebooks on Colab install the kit from there."
    )


def _split(folder: Path) -> None:
    students, staff = split_staff(folder)
    print(f"{len(students)} files in {folder / 'students'}: make a repository of it, and give it to students")
    print(f"{len(staff)} files in {folder / 'staff'}: solutions, hidden tests, and the tests of the kit")
    print("To grade, use a whole clone. What is in a public repository is public: its solutions are known.")


def _vary(args: argparse.Namespace) -> None:
    print("each set is written and then run three times; that takes minutes", file=sys.stderr)
    vary_all(args.folder, args.seed, args.only)
    print(
        f"Hand out {args.folder / 'release'}, and grade with --root {args.folder}. Keep the seed to "
        "yourself: who knows it can make the same files."
    )


if __name__ == "__main__":
    sys.exit(main())
