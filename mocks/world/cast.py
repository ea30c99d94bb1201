"""The people every seeded world begins with: the one who is fit for a README, and those who find the bugs.

They are rows 0 … 28 of any world that is large enough. Nothing about them is random but what they do not mention.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What is fixed about somebody. None: left to chance. `only`: the one system that knows them."""

    first: str
    last: str
    country: str = "United States"
    account: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None
    language: str | None = None
    only: str | None = None
    orders: int | None = None
    bare: bool = False


CAST: tuple[Figure, ...] = (
    Figure("Ada", "Okafor", email="ada.okafor@example.com", phone="+1 (617) 555-0117", language="en-US", orders=6),
    Figure("Magnus", "Ångström", "Sweden", account="Ångström Fastigheter AB", orders=250),
    Figure("Priya", "Raman", "India", account="Raman & Daughters Pvt. Ltd.", orders=3),  # her last order: 60 lines
    Figure("Nora", "Neverordered", "Germany", orders=0),
    Figure("Sven", "Siebelonly", "Sweden", only="siebel"),
    Figure("Olga", "Oracleonly", "Poland", only="oracle_om"),
    Figure("Scarlett", "O'Hara\" OR '1'='1", email="scarlett.ohara@example.com", orders=2),
    Figure("Fitzwilliam", "D'Arcy", "United Kingdom", email="d'arcy@example.org", orders=2),
    Figure("Percy", "100%", account="100% Cotton_Co", email="percy%25_@example.com", orders=1),
    Figure("Star*", "Wild*Card", account="A*B*C", email="star*@example.com", orders=1),
    Figure("Who?", "What?", account="Who? Ltd.", email="who?@example.com", orders=1),
    Figure("Ann", "#1", account="#1 Deals & Sons <Ltd>", email="ann+#1&x=y@example.com", orders=1),
    Figure("Zoë 🚀", "Rocket👩‍👩‍👧", account="🚀 & Söhne", email="zoe.rocket@example.com", orders=1),
    Figure("ليلى", "حداد", "Kuwait", account="مؤسسة حداد", email="layla.haddad@example.com", orders=2),
    Figure("נועה", "בן־דוד", "Israel", email="noa.bendavid@example.com", orders=1),
    Figure("太郎", "山田", "Japan", account="山田商店", email="taro.yamada@example.com", orders=2),
    Figure("Back\\slash", "C:\\Temp\\", account="\\\\server\\share", email="back\\slash@example.com", orders=1),
    Figure("Wolfeschlegelsteinhausenbergerdorff", "Hubert-Blaine-Kreuzberger von und zu Altona", "Germany", orders=1),
    Figure("E", "Ng", account="", orders=1),
    Figure("Jennifer", "Null", email="null@example.com", orders=1),
    Figure("Jose\u0301", "Combining", email="jose.decomposed@example.com", orders=1),
    Figure("José", "Composed", email="jose.composed@example.com", orders=1),
    Figure("Sammy", "Davis, Jr.; Esq.", email='"sammy, davis"@example.com', orders=1),
    Figure("x' or 1=1", ";drop", account="x' or '1'='1'; --", email="x'or1=1--@example.com", orders=1),
    Figure("{id}", "$filter=true", account="${jndi:ldap://x}", email="{id}@example.com", orders=1),
    Figure("", "Bare", account="", email="", phone="", mobile="", orders=1, bare=True),
    Figure("Maeve", "O'Brien", "United Kingdom", email="O'Brien+News@Example.COM", orders=1),
    Figure("Rolf", "Durchwahl", "Germany", phone="+49 (0)30 901820-17 ext. 4", mobile="0049/151-2300 4711", orders=1),
    Figure(" Anne  Marie ", " Two  Spaces ", email="anne.marie@example.com", orders=1),
)
MANY_ORDERS = 1
MANY_LINES = 2
