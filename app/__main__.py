"""`python -m app`: the same as the `batchgate` command."""

from app.cli import main

main()
