"""Texts as people search and sort them: umlauts, accents and gender forms do not stand in the way."""

import re
import unicodedata

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_GENDERED = re.compile(r"\b(\w+)[:*_·](innen|in)\b")
_OTHER = re.compile(r"[^a-z0-9]+")


def folded(text: str) -> str:
    """Lower case ASCII words, for search and sorting: `Nachbar:innen in Löbtau` → `nachbar nachbarinnen in loebtau`.

    Of a gendered word both forms stay, so that either finds it. The database knows no German collation.
    """
    lower = unicodedata.normalize("NFC", text).lower()
    both = _GENDERED.sub(r"\1 \1\2", lower)
    plain = unicodedata.normalize("NFKD", both.translate(_UMLAUTS))
    return _OTHER.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).strip()
