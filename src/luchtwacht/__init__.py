"""An open drone-airspace watch that can prove what it saw."""
