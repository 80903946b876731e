"""The made-up companies, things and places of the documents."""

FIRST = (
    "Tarn", "Oxbow", "Kestrel", "Juniper", "Brackwater", "Sable", "Fenwick", "Marlowe", "Quillon",
    "Thistle", "Ardent", "Pollard", "Vesper", "Gantry", "Larkfield", "Onyx", "Harrow", "Cinder",
    "Rookery", "Sundial", "Millrace", "Beacon", "Copperleaf", "Wren",
)  # fmt: skip
TRADES = (
    "Joinery", "Print Works", "Freight", "Analytics", "Catering", "Roofing", "Stationers",
    "Optics", "Studios", "Motors", "Hosting", "Gardens", "Labs", "Energy", "Books", "Outfitters",
)  # fmt: skip
ENDINGS = (
    "Ltd", "GmbH", "LLC", "& Partners", "SA", "Co-op", "",
)  # fmt: skip
STREETS = (
    "14 Harbour Lane", "7 Tannery Row", "230 Station Road", "5 Old Quay", "61 Linden Street",
    "18 Market Hill", "9 Canal Side", "402 Foundry Avenue",
)  # fmt: skip
TOWNS = (
    "Port Ellery", "Grauwald", "Saint-Brieux", "Northmoor", "Kilbarra", "Veldhaven", "Monte Alto",
    "Easting",
)  # fmt: skip
METHODS = (
    "Maestro", "gift card", "bank transfer", "Amex", "PayPal", "cash", "Apple Pay", "Visa",
)  # fmt: skip
CURRENCIES = (
    "EUR", "GBP", "USD", "CHF", "SEK",
)  # fmt: skip
WORK = (
    "oak shelving", "site survey", "colour proofs", "pallet handling", "data cleaning",
    "buffet lunch", "slate tiles", "letter paper", "lens coating", "video editing", "brake pads",
    "domain renewal", "hedge trimming", "soil analysis", "meter reading", "proofreading",
    "rain jackets", "night storage", "floor sanding", "banner design", "cold transit",
    "report writing", "chair hire", "gutter repair", "archive boxes", "safety check",
    "sound mixing", "tyre change", "backup service", "planting plan", "lab kit", "standing charge",
    "index cards", "work boots",
)  # fmt: skip
BOUGHT = (
    "room two nights", "breakfast", "lentil soup", "grilled trout", "sparkling water", "day pass",
    "return fare", "window seat", "luggage fee", "airport ride", "waiting time", "toll",
    "notebook A5", "ink cartridge", "umbrella", "phone cable", "parking 3 hours", "car wash",
    "museum entry", "audio guide", "plum cake", "filter coffee", "wool socks", "desk plant",
    "poster", "city map", "salad bowl", "bread basket", "cinema seat", "popcorn", "sun cream",
    "hand soap", "gift wrap", "bike rental",
)  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
