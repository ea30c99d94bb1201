"""What clocks say where parcels are scanned, and how carriers write the country and state: codes, not names."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from mocks.world.model import Address

COUNTRIES = {
    "United States": ("US", "America/New_York"),
    "Germany": ("DE", "Europe/Berlin"),
    "United Kingdom": ("GB", "Europe/London"),
    "France": ("FR", "Europe/Paris"),
    "Switzerland": ("CH", "Europe/Zurich"),
    "Sweden": ("SE", "Europe/Stockholm"),
    "Poland": ("PL", "Europe/Warsaw"),
    "Brazil": ("BR", "America/Sao_Paulo"),
    "India": ("IN", "Asia/Kolkata"),
    "Australia": ("AU", "Australia/Sydney"),
    "Japan": ("JP", "Asia/Tokyo"),
    "Kuwait": ("KW", "Asia/Kuwait"),
    "Israel": ("IL", "Asia/Jerusalem"),
    "Canada": ("CA", "America/Toronto"),
    "Mexico": ("MX", "America/Mexico_City"),
}
EASTERN, CENTRAL, MOUNTAIN, PACIFIC = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
STATES = {
    EASTERN: "CT Connecticut|DE Delaware|DC District of Columbia|FL Florida|GA Georgia|IN Indiana|KY Kentucky|ME Maine|"
    "MD Maryland|MA Massachusetts|MI Michigan|NH New Hampshire|NJ New Jersey|NY New York|NC North Carolina|OH Ohio|"
    "PA Pennsylvania|RI Rhode Island|SC South Carolina|VT Vermont|VA Virginia|WV West Virginia",
    CENTRAL: "AL Alabama|AR Arkansas|IL Illinois|IA Iowa|KS Kansas|LA Louisiana|MN Minnesota|MS Mississippi|"
    "MO Missouri|NE Nebraska|ND North Dakota|OK Oklahoma|SD South Dakota|TN Tennessee|TX Texas|WI Wisconsin",
    MOUNTAIN: "CO Colorado|ID Idaho|MT Montana|NM New Mexico|UT Utah|WY Wyoming",
    "America/Phoenix": "AZ Arizona",
    PACIFIC: "CA California|NV Nevada|OR Oregon|WA Washington",
    "America/Anchorage": "AK Alaska",
    "Pacific/Honolulu": "HI Hawaii",
}
"""The greater part of each state; the names are Superstore's, the codes everybody's."""

STATE: dict[str, tuple[str, str]] = {
    spelled: (entry.partition(" ")[0], zone)
    for zone, entries in STATES.items()
    for entry in entries.split("|")
    for spelled in (entry.partition(" ")[0], entry.partition(" ")[2])
}


def country_code(place: Address) -> str:
    """ISO 3166-1 alpha-2; of a country we do not know the first two letters, which will have to do."""
    known = COUNTRIES.get(place.country)
    return known[0] if known else place.country[:2].upper()


def state_code(place: Address) -> str:
    """Two letters in the United States; elsewhere carriers leave it out."""
    return STATE.get(place.state, ("", ""))[0] if country_code(place) == "US" else ""


def zone(place: Address) -> ZoneInfo:
    known = STATE.get(place.state) if country_code(place) == "US" else None
    return ZoneInfo(known[1] if known else COUNTRIES.get(place.country, ("", "UTC"))[1])


def local(at: datetime, place: Address) -> datetime:
    """To the second, with the offset the place has then: a plain one, so that moments compare as moments do."""
    there = at.astimezone(zone(place)).replace(microsecond=0)
    offset = there.utcoffset()
    return there.astimezone(timezone(offset)) if offset is not None else there
