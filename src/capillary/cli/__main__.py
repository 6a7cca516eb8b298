"""Runs the command line as ``python -m capillary.cli``."""

from capillary.cli import main

if __name__ == "__main__":
    main()
