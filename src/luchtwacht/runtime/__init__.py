"""What turns the pure pipeline into a running watch: feeds, the recorder, the watch, re-runs."""
