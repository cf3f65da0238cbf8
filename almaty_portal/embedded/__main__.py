"""The command line of the embedded servers."""

import argparse
import os
import sys
from pathlib import Path

from almaty_portal import embedded
from almaty_portal.embedded.ownership import run, run_ephemeral
from almaty_portal.embedded.programs import EmbeddedError, say

PROJECT = Path(__file__).resolve().parent.parent.parent


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m almaty_portal.embedded", description=embedded.__doc__
    )
    parser.add_argument("--var", type=Path, default=os.environ.get("VAR_DIR") or PROJECT / "var")
    parser.add_argument(
        "--ephemeral", action="store_true", help="new servers for tests, removed after"
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, help="-- COMMAND …")
    options = parser.parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("which command? python -m almaty_portal.embedded -- COMMAND …")
    given = [bool(os.environ.get(name)) for name in ("DATABASE_URL", "REDIS_URL")]
    try:
        if all(given):
            os.execvp(command[0], command)  # noqa: S606 -- the command that was typed
        if any(given):
            raise EmbeddedError(
                "Only one of DATABASE_URL and REDIS_URL is set: set both to use servers of your "
                "own, or neither to use those that come with the portal."
            )
        if options.ephemeral or os.environ.get("ALMATY_EMBEDDED_EPHEMERAL") == "1":
            return run_ephemeral(command)
        return run(command, Path(options.var).absolute())
    except EmbeddedError as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
