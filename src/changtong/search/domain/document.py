"""What a source tells search about one of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from changtong.search.domain import lexemes


TITLE_AT_MOST, NAMES_AT_MOST, TEXT_AT_MOST = 200, 200, 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A document in the words of its source; not everybody may find it by what is private."""

    kind: str
    source_id: int
    number: str
    title: str
    text: str = ""
    names: str = ""
    at: datetime
    open: bool = False
    private: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()

    def row(self) -> dict[str, object]:
        """Return the columns as they are kept."""
        title, text = _plain(self.title, TITLE_AT_MOST), _plain(self.text, TEXT_AT_MOST)
        names = _plain(self.names, NAMES_AT_MOST)
        found_first = lexemes.of_text(f"{self.number}\n{title}\n{names}")
        for name in names.split():
            found_first |= lexemes.of_name(name)
        for one in self.private:
            found_first |= set(lexemes.of_private(one))
        return {
            "kind": self.kind,
            "source_id": self.source_id,
            "number": self.number,
            "title": title,
            "text": text,
            "names": names,
            "at": self.at.isoformat(),
            "open": self.open,
            "words": lexemes.vector(
                title=found_first,
                text=lexemes.of_text(text),
                scopes=self.scopes,
            ),
        }


def _plain(text: str, at_most: int) -> str:
    return text.replace("\0", "")[:at_most]
