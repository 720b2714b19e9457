"""`python -m peyvand.config.cli`, the same as `peyvand`."""

from peyvand.config.cli import main

main(prog_name="peyvand")
