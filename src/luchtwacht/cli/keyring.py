"""A site's keys on this machine: the ones that sign, the ones that sign along, the ones that do no more.

keys/<site>.ed25519.key             the current key of each kind
keys/<site>.ml-dsa-44.key
keys/<site>.<kind>.<id>.old.key     replaced, and still signing along
keys/<site>.<kind>.<id>.retired.key     signs no more
keys/<site>.<kind>.<id>.revoked.key     signs no more, and must not be trusted; `.reason` beside it says why
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from luchtwacht.errors import BadInput
from luchtwacht.journal import KeyKind, Signer, SigningKey, create_key, load_key, save_key

KINDS = (KeyKind.ED25519, KeyKind.COSIGNATURE_ML_DSA_44)
STATES = {"old": "signs along", "retired": "retired", "revoked": "revoked"}


@dataclass(frozen=True, slots=True)
class Listed:
    """One key for a person."""

    id: str
    kind: str
    state: str
    reason: str
    public: str


def kind_name(kind: KeyKind) -> str:
    """`ed25519`, `ml-dsa-44`"""
    return kind.name.removeprefix("COSIGNATURE_").lower().replace("_", "-")


def open_keyring(site: str) -> Keyring:
    """The keys of a site among the user's state files."""
    from luchtwacht.cli.places import state_folder

    return Keyring(state_folder() / "keys", site)


class Keyring:
    """The keys of one site.

    Args:
        folder: where keys are; made when the first is.
        site: its id.
    """

    def __init__(self, folder: Path, site: str) -> None:
        self._folder, self._site = folder, site

    @property
    def exists(self) -> bool:
        """Whether this machine has a key of the site."""
        return any(self._path(kind).exists() for kind in KINDS)

    def current(self, kind: KeyKind) -> SigningKey:
        """The key of a kind that signs; made when there is none."""
        path = self._path(kind)
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            save_key(create_key(f"luchtwacht/{self._site}", kind), path)
        return load_key(path)

    def signer(self) -> Signer:
        """What signs the site's records: Ed25519 every checkpoint, ML-DSA-44 (FIPS 204) now and then, so that a record
        stays checkable should elliptic curves fall; keys that were replaced sign along.
        """
        fast, slow = KINDS
        return Signer(
            self.current(fast),
            others=tuple(load_key(path) for path in self._paths(fast, "old")),
            slow=(self.current(slow), *(load_key(path) for path in self._paths(slow, "old"))),
        )

    def rotate(self, kind: KeyKind) -> None:
        """Put a new key in the place of the current one, which signs along from then on."""
        old = self.current(kind)
        self._move(self._path(kind), self._path(kind, old.verifier.id.hex(), "old"))
        self.current(kind)

    def retire(self, id: str) -> None:
        """Let a replaced key sign no more.

        Raises:
            BadInput: it is the current one, or none that signs along.
        """
        kind, path = self._find(id, "old", "rotate first: a site needs a key")
        self._move(path, self._path(kind, id, "retired"))

    def revoke(self, id: str, reason: str) -> None:
        """Let a key never sign again, whatever it was; a new one takes its place when it was the current one.

        Raises:
            BadInput: there is none with that id, or it is revoked already.
        """
        for kind in KINDS:
            if self._path(kind).exists() and self.current(kind).verifier.id.hex() == id:
                self.rotate(kind)
        for state in ("old", "retired"):
            for kind in KINDS:
                path = self._path(kind, id, state)
                if path.exists():
                    made = self._path(kind, id, "revoked")
                    made.with_suffix(".reason").write_text(reason + "\n", encoding="utf-8")
                    self._move(path, made)
                    return
        self._find(id, "old", "see luchtwacht key SITE --list")

    def listed(self) -> Iterator[Listed]:
        """Every key, the ones that sign first."""
        for kind in KINDS:
            found = [(self._path(kind), "signs")]
            found += [(path, word) for state, word in STATES.items() for path in self._paths(kind, state)]
            self.current(kind)
            for path, word in found:
                verifier = load_key(path).verifier
                why = path.with_suffix(".reason")
                reason = why.read_text(encoding="utf-8").strip() if why.exists() else ""
                yield Listed(verifier.id.hex(), kind_name(kind), word, reason, str(verifier))

    def _path(self, kind: KeyKind, id: str = "", state: str = "") -> Path:
        return self._folder / f"{self._site}.{kind_name(kind)}{f'.{id}.{state}' if id else ''}.key"

    def _paths(self, kind: KeyKind, state: str) -> list[Path]:
        return sorted(self._folder.glob(f"{self._site}.{kind_name(kind)}.*.{state}.key"))

    def _find(self, id: str, state: str, hint: str) -> tuple[KeyKind, Path]:
        for kind in KINDS:
            path = self._path(kind, id, state)
            if path.exists():
                return kind, path
        raise BadInput(f"{id} is no key of {self._site} that signs along", hint=hint)

    def _move(self, path: Path, to: Path) -> None:
        """The key first, so that whatever happens in between it is not lost."""
        path.rename(to)
        public = path.with_name(path.name + ".pub")
        if public.exists():
            public.rename(to.with_name(to.name + ".pub"))
