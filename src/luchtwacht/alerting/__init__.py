"""One alert per event, from being raised to being closed.

`AlertBook` is the stage: rules say what deserves an alert (`rules.py`), a table what may happen to it (`lifecycle.py`),
and `continuity.py` that a track lost and found again is the same event.
"""

from luchtwacht.alerting.book import AlertBook, BookState

__all__ = ["AlertBook", "BookState"]
