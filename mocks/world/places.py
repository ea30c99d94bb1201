"""Where the seeded company's customers live: countries with their currency, names, towns and way of writing a number.

Made up, but shaped as the real thing: postal codes with leading zeros, towns with diacritics, a currency without cents
and one with mils, numbers with a trunk zero in brackets. In `postal`, # is a digit and @ a letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Town:
    name: str
    state: str
    postal: str
    area: str


@dataclass(frozen=True, slots=True)
class Place:
    """One country. `code`: its telephone prefix; `trunk`: whether numbers are written with a (0); `tax`: percent."""

    country: str
    currency: str
    language: str
    region: str
    code: str
    trunk: bool
    tax: int
    carriers: tuple[str, ...]
    streets: tuple[str, ...]
    first: tuple[str, ...]
    last: tuple[str, ...]
    towns: tuple[Town, ...]


@dataclass(frozen=True, slots=True)
class Currency:
    """`step`: the smallest amount; `rate`: how many of it the catalogue's price unit is worth."""

    step: Decimal
    rate: Decimal


CENT = Decimal("0.01")
CURRENCIES: Mapping[str, Currency] = {
    "USD": Currency(CENT, Decimal(1)),
    "EUR": Currency(CENT, Decimal("0.92")),
    "GBP": Currency(CENT, Decimal("0.79")),
    "CHF": Currency(CENT, Decimal("0.88")),
    "SEK": Currency(CENT, Decimal("10.4")),
    "PLN": Currency(CENT, Decimal("3.95")),
    "BRL": Currency(CENT, Decimal("5.25")),
    "INR": Currency(CENT, Decimal("83.1")),
    "AUD": Currency(CENT, Decimal("1.52")),
    "JPY": Currency(Decimal(1), Decimal(151)),
    "KWD": Currency(Decimal("0.001"), Decimal("0.307")),
    "ILS": Currency(CENT, Decimal("3.7")),
}


def _towns(*rows: str) -> tuple[Town, ...]:
    return tuple(Town(*row.split("|")) for row in rows)


PLACES: tuple[Place, ...] = (
    Place(
        "United States", "USD", "en-US", "AMER", "1", False, 7, ("UPS", "FedEx", "USPS"),
        ("Main Street", "Oak Avenue", "Elm Street", "Lake Drive", "5th Avenue", "Sunset Boulevard"),
        ("James", "Mary", "Robert", "Patricia", "Ada", "Michael", "Linda", "Claire", "DeShawn", "Renée", "Sean", "Mia"),
        ("Smith", "Johnson", "Okafor", "Brown", "O'Donnell", "Garcia", "Miller", "Van Huff", "McKenna", "Núñez", "Lee"),
        _towns(
            "Boston|MA|021##|617", "Newark|NJ|071##|973", "New York|NY|100##|212", "Henderson|KY|424##|270",
            "Los Angeles|CA|900##|213", "Austin|TX|787##|512", "Chicago|IL|606##|312", "Honolulu|HI|968##|808",
        ),
    ),
    Place(
        "Germany", "EUR", "de-DE", "EMEA", "49", True, 19, ("DHL", "DPD", "UPS"),
        ("Hauptstraße", "Bahnhofstraße", "Gartenweg", "An der Mühle", "Königsallee", "Schloßplatz"),
        ("Jürgen", "Käthe", "Björn", "Anna", "Götz", "Sören", "Lena", "Ruth", "Maximilian", "Änne", "Uwe", "Jörg"),
        ("Müller", "Schröder", "Weiß", "Köhler", "von der Heide", "Groß", "Becker", "Strauß", "Möller-Lüdenscheidt"),
        _towns(
            "Berlin|Berlin|101##|30", "München|Bayern|803##|89", "Köln|Nordrhein-Westfalen|506##|221",
            "Dresden|Sachsen|010##|351", "Leipzig|Sachsen|041##|341", "Hamburg|Hamburg|200##|40",
        ),
    ),
    Place(
        "United Kingdom", "GBP", "en-GB", "EMEA", "44", True, 20, ("Royal Mail", "DPD", "UPS"),
        ("High Street", "Station Road", "Church Lane", "Victoria Road", "The Crescent", "King's Parade"),
        ("Oliver", "Amelia", "Siân", "Harry", "Niamh", "Zoë", "Rhys", "Poppy", "Alasdair", "Chloë"),
        ("Jones", "D'Arcy", "Taylor", "Llewellyn", "MacDonald", "O'Neill", "Smythe-Jones", "Wright", "Patel", "Khan"),
        _towns(
            "London|Greater London|SW1A #@@|20", "Manchester|Greater Manchester|M1 #@@|161",
            "Cardiff|South Glamorgan|CF10 #@@|29", "Edinburgh|Midlothian|EH1 #@@|131", "St Ives||TR26 #@@|1736",
        ),
    ),
    Place(
        "France", "EUR", "fr-FR", "EMEA", "33", True, 20, ("Colissimo", "Chronopost", "DHL"),
        ("rue de la Paix", "avenue Foch", "rue de l'Église", "place d'Armes", "chemin des Prés"),
        ("François", "Élodie", "Hélène", "Jean-Luc", "Noël", "Maëlys", "Zoé", "Benoît", "Gaël", "Chloé"),
        ("Lefèvre", "D'Aubigné", "Dupont", "Côté", "L'Hôte", "Moreau", "Müller", "Garçon", "Benoît-Lévy"),
        _towns(
            "Paris|Île-de-France|750##|1", "Lyon|Auvergne-Rhône-Alpes|690##|4", "Nice||060##|4",
            "L'Haÿ-les-Roses|Île-de-France|94240|1", "Besançon|Bourgogne-Franche-Comté|250##|3",
        ),
    ),
    Place(
        "Switzerland", "CHF", "de-CH", "EMEA", "41", True, 8, ("Swiss Post", "DHL"),
        ("Bahnhofstrasse", "Seestrasse", "Rue du Rhône", "Via Nassa", "Dorfstrasse"),
        ("Urs", "Reto", "Céline", "Beat", "Ursina", "Gian-Andrea", "Noëmi", "Mattéo"),
        ("Müller", "Zürcher", "Bünzli", "Favre", "Caduff", "Rösti", "Meier", "Dällenbach"),
        _towns("Zürich|ZH|80##|44", "Genève|GE|12##|22", "Lugano|TI|69##|91", "St. Gallen|SG|90##|71"),
    ),
    Place(
        "Sweden", "SEK", "sv-SE", "EMEA", "46", True, 25, ("PostNord", "DHL"),
        ("Storgatan", "Drottninggatan", "Ängsvägen", "Skolgatan", "Åsögatan"),
        ("Åsa", "Björn", "Örjan", "Märta", "Lars-Göran", "Ebba", "Sölve", "Linnéa"),
        ("Ångström", "Öberg", "Lindström", "Sjögren", "Håkansson", "Björk", "Åkesson"),
        _towns("Stockholm||11# ##|8", "Göteborg||41# ##|31", "Malmö||21# ##|40", "Umeå||90# ##|90"),
    ),
    Place(
        "Poland", "PLN", "pl-PL", "EMEA", "48", False, 23, ("InPost", "DPD"),
        ("ul. Świętokrzyska", "ul. Długa", "al. Jerozolimskie", "ul. Żwirki i Wigury", "pl. Wolności"),
        ("Łukasz", "Małgorzata", "Stanisław", "Żaneta", "Grzegorz", "Zofia", "Michał", "Jagna"),
        ("Wójcik", "Kowalczyk", "Brzęczyszczykiewicz", "Łęcki", "Śliwa", "Żak", "Nowak", "Gżegżółka"),
        _towns("Warszawa|mazowieckie|00-###|22", "Łódź|łódzkie|90-###|42", "Kraków|małopolskie|30-###|12"),
    ),
    Place(
        "Brazil", "BRL", "pt-BR", "AMER", "55", False, 17, ("Correios", "Jadlog"),
        ("Rua das Flores", "Avenida Paulista", "Rua São João", "Travessa da Conceição"),
        ("João", "Conceição", "Antônio", "Márcia", "Luís", "Inês", "Thaís", "Estêvão"),
        ("da Silva", "Gonçalves", "de Araújo", "Simões", "D'Ávila", "Magalhães", "Peçanha"),
        _towns("São Paulo|SP|01###-###|11", "Rio de Janeiro|RJ|20###-###|21", "Belém|PA|66###-###|91"),
    ),
    Place(
        "India", "INR", "en-IN", "APAC", "91", False, 18, ("Delhivery", "Blue Dart"),
        ("MG Road", "Nehru Marg", "Park Street", "Linking Road", "Anna Salai"),
        ("Priya", "Arjun", "Lakshmi", "Vikram", "Ananya", "Rahul", "Meera", "S."),
        ("Raman", "Iyer", "Singh", "Venkatanarasimharajuvaripeta", "Das", "Khan", "Rao", "Chatterjee"),
        _towns("Mumbai|Maharashtra|4000##|22", "Bengaluru|Karnataka|5600##|80", "Delhi||1100##|11"),
    ),
    Place(
        "Australia", "AUD", "en-AU", "APAC", "61", True, 10, ("Australia Post", "StarTrack"),
        ("George Street", "Beach Road", "Collins Street", "Wattle Grove"),
        ("Jack", "Matilda", "Bruce", "Sheila", "Lachlan", "Indiana", "Cooper"),
        ("O'Brien", "Nguyen", "Williams", "Kelly", "Papadopoulos", "Wu", "Campbell"),
        _towns("Sydney|NSW|20##|2", "Darwin|NT|080#|8", "Perth|WA|60##|8", "Adelaide|SA|50##|8"),
    ),
    Place(
        "Japan", "JPY", "ja-JP", "APAC", "81", True, 10, ("Yamato", "Sagawa"),
        ("丸の内1-", "銀座4-", "梅田2-", "祇園町北側"),
        ("太郎", "花子", "健一", "美咲", "翔", "陽菜"),
        ("山田", "佐藤", "鈴木", "髙橋", "渡邊", "小鳥遊"),
        _towns("千代田区|東京都|100-####|3", "大阪市|大阪府|530-####|6", "京都市|京都府|605-####|75"),
    ),
    Place(
        "Kuwait", "KWD", "ar-KW", "EMEA", "965", False, 0, ("Aramex", "DHL"),
        ("شارع الخليج", "شارع سالم المبارك", "شارع فهد السالم"),
        ("ليلى", "محمد", "فاطمة", "يوسف", "نور", "أحمد"),
        ("حداد", "الصباح", "العتيبي", "المطيري", "بن سالم"),
        _towns("Kuwait City||13###|2", "Salmiya||22###|2", "Jahra||01###|2"),
    ),
    Place(
        "Israel", "ILS", "he-IL", "EMEA", "972", True, 17, ("Israel Post", "DHL"),
        ("רחוב הרצל", "שדרות רוטשילד", "רחוב יפו"),
        ("נועה", "דוד", "תמר", "יוסף", "מיכל"),
        ("כהן", "לוי", "מזרחי", "בן־דוד", "שפירא"),
        _towns("Tel Aviv||61#####|3", "Jerusalem||91#####|2", "Haifa||31#####|4"),
    ),
)  # fmt: skip
WEIGHTS = (24, 16, 10, 8, 4, 5, 5, 6, 8, 5, 4, 3, 2)  # in hundred customers, in the order of PLACES
