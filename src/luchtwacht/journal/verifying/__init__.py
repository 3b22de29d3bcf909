"""Checking a journal or a bundle, from outside, with nothing but its bytes and the keys one trusts.

The rules, in the order in which they are checked. A stranger could follow them by hand with `docs/formats/`.

1. Form. The bytes are those of the format, every one of them: nothing is damaged, and nothing can be hidden.
2. Content. The entries of every chunk hash to the root that the chunk's seal states, and every decision in it (alert,
   command, configuration, zone, authorisation, note) to the leaf that the seal lists.
3. Order. Every chunk stands in the log where the one before it ended, every segment begins where the one before it
   ended, and inputs are numbered without gaps, except where a note says which are missing.
4. Log. The leaves of all chunks, by RFC 6962, give the root that the checkpoint states for its size. What was added,
   left out, repeated, moved or changed gives another root.
5. Signature. The checkpoint is signed in the log's own name by a key that the verifier brought, and none of the
   signatures by the verifier's keys is false.
6. History. Every other checkpoint of this log that is known, kept with the journal or brought by the verifier, is a
   beginning of the very same log: nothing was rolled back, and there are no two histories.
7. Tiles. The hashes that the journal keeps for others to read are those that follow from its entries.
8. Time. A time stamp (RFC 3161) of a checkpoint of this log is by an authority that the verifier trusts, and of that
   very checkpoint: what it covers existed by then, whoever held the watch's keys.
9. Completeness. What is withheld, damaged, cut off or not yet sealed is named; it is not counted as holding.
10. Conclusions. The inputs run again through the pipeline say what was recorded. This needs the pipeline, so it is done
   by whoever passes it in.

Seals are checked before anything is concluded from what they seal: rule 10 is left out when an earlier rule fails.
"""

from __future__ import annotations

from luchtwacht.journal.verifying.bundle import bundle_entries, verify_bundle
from luchtwacht.journal.verifying.journal import verify_journal
from luchtwacht.journal.verifying.report import Check, Report, Rerun, Rule, Verdict

__all__ = ["Check", "Report", "Rerun", "Rule", "Verdict", "bundle_entries", "verify_bundle", "verify_journal"]
