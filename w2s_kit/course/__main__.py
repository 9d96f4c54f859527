"""`python -m w2s_kit.course address OWNER/NAME --ref v0.1.0`: a fork's address, in every file."""

from __future__ import annotations

import argparse
import sys

from ..shared.address import REF, REPOSITORY
from .address import ROOT, move


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 2 for an argument that is unfit, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m w2s_kit.course")
    commands = parser.add_subparsers(dest="command", required=True)
    address = commands.add_parser("address", help="write the address of a fork into badges and setup cells")
    address.add_argument("repository", metavar="OWNER/NAME", help=f"on GitHub; now {REPOSITORY}")
    address.add_argument("--ref", default=REF, help=f"the tag or branch that notebooks install (now {REF})")
    args = parser.parse_args(argv)
    try:
        changed = move(args.repository, args.ref)
    except (ValueError, OSError) as error:
        print(f"w2s_kit.course address: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("w2s_kit.course address: stopped; no file was changed", file=sys.stderr)
        return 130
    for path in changed:
        print(path.relative_to(ROOT))
    print(
        f"{len(changed)} files now say {args.repository} at {args.ref}. Commit them, and push that tag or "
        "branch: notebooks on Colab install the kit from there."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
