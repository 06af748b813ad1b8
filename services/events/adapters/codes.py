"""The codes on beer mats: made from the deployment's key, so that no place has to keep them.

The log holds only a keyed digest of a code; whoever has the log, but not the key, can neither read nor guess it there.
"""

import hmac

_SPELLED = (
    "AHORN AMSEL ANKER APFEL BACH BAUM BIENE BIRKE BIRNE BLATT BLUME BOHNE BOOT BROT BUCHE BUSCH DACH DACHS DISTEL "
    "DORF EICHE EIMER ELCH ERBSE ERLE ESCHE EULE FADEN FALKE FARBE FARN FEDER FEIGE FELD FELS FICHTE FINK FISCH FLUSS "
    "FORST GABEL GARTEN GIEBEL GLAS GLOCKE GRAS GURKE HAFEN HAFER HASE HECKE HERD HIMBEERE HIRSCH HOLZ HONIG HUMMEL "
    "IGEL INSEL KAMIN KANNE KARTE KERZE KIEFER KIESEL KIRSCHE KLEE KORB KRUG KUGEL LAMPE LAUB LERCHE LINDE LUCHS MAIS "
    "MARKT MEISE MOHN MOND MOOS MURMEL NADEL NEBEL NELKE NUSS OFEN OTTER PAPPEL PFAD PFLAUME PILZ QUELLE RABE REGEN "
    "REH REIF ROGGEN ROSE RUDER SALBEI SAND SCHAF SCHILF SCHNEE SEGEL SEIL SENF SONNE SPATZ STEG STEIN STERN STORCH "
    "TANNE TASSE TEICH TISCH TOPF TULPE ULME VEILCHEN WALD WEIDE WELLE WESPE WIESE WIND WOLKE WURZEL ZANDER ZAUN"
)
_WORDS = tuple(_SPELLED.split())


def code_of(key: bytes, municipality: str, table: str) -> str:
    """The code of a table, such as `REGEN-4711`: one of more than a million, always the same for one table."""
    number = int.from_bytes(_keyed(key, "code", municipality, table)[:8])
    return f"{_WORDS[number % len(_WORDS)]}-{1000 + number // len(_WORDS) % 9000}"


def digest_of(key: bytes, municipality: str, typed: str) -> str:
    """The digest of what somebody typed, in hex; capitals, blanks and the dash do not matter."""
    plain = "".join(sign for sign in typed.upper() if sign.isalnum())
    return _keyed(key, "digest", municipality, plain).hex()


def _keyed(key: bytes, *parts: str) -> bytes:
    return hmac.digest(key, "/".join(("table", *parts)).encode("utf-8", "replace"), "sha256")
