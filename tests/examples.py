"""Towns and things that many tests need."""

from deploy.towns import Town
from services.marketplace.domain.municipality import District

DRESDEN = Town(
    "dresden",
    "Dresden",
    "SN",
    "dresden",
    (
        District("neustadt", "Neustadt", 45, 35),
        District("cotta", "Cotta", 12, 50),
        District("loebtau", "Löbtau", 25, 65),
    ),
)
DETMOLD = Town("detmold", "Detmold", "NW", "detmold", (District("kernstadt", "Kernstadt"),))
IDEA = {
    "title": "Materialwerk Löbtau",
    "summary": "Was in Betrieben und auf Bühnen übrig bleibt, wird hier gesammelt und weitergegeben.",
    "district": "loebtau",
    "picture": "shelf",
}
