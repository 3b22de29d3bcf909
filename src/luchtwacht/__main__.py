"""`luchtwacht` and `python -m luchtwacht`."""

from luchtwacht.cli import main

if __name__ == "__main__":
    main()
