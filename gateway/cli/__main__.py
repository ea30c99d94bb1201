"""`python -m gateway.cli`: how `demo` starts its own kind."""

from __future__ import annotations

from gateway.cli import main

if __name__ == "__main__":
    main(prog_name="customer360")
