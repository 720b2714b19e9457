"""The words of Turquoise Trading, who sell the same tiles abroad."""

from __future__ import annotations

from peyvand.administration.demo.words import Colleague, Item, Words

ENGLISH = Words(
    teams=("Europe", "Gulf"),
    colleagues=(
        Colleague("Sara Moini", "sara@firouzeh.example", "Managing director", "owner"),
        Colleague("Mina Sadeghi", "mina@firouzeh.example", "Head of Europe", "manager", 1, leads=True),
        Colleague("Oliver Brandt", "oliver@firouzeh.example", "Head of Gulf", "manager", 2, leads=True),
        Colleague("Babak Naderi", "babak@firouzeh.example", "Account executive", "member", 1),
        Colleague("Leila Haddad", "leila@firouzeh.example", "Account executive", "member", 2),
    ),
    given_names=(
        "Emma", "Lukas", "Sofia", "Marco", "Anna", "Tomas", "Nadia", "Omar", "Fatima", "Khalid", "Claire", "Jonas", "Elena", "Hugo",
        "Mariam", "Yusuf", "Greta", "Paul", "Ines", "Karim", "Helena", "Viktor", "Amina", "Felix", "Beatriz", "Samir", "Ingrid", "Daniel",
        "Lucia", "Henrik", "Salma", "Theo",
    ),
    family_names=(
        "Fischer", "Rossi", "Novak", "Lindqvist", "Moreau", "Garcia", "Al Mansoori", "Haddad", "Kowalski", "Jensen", "Baker", "Costa",
        "Weber", "Rahman", "Petrov", "Hughes", "Bauer", "Farouk", "Silva", "Dubois", "Nielsen", "Schuster", "Conti", "Hassan", "Wagner",
        "Murphy", "Lopez", "Berg", "Steiner", "Aziz",
    ),
    businesses=(
        ("Hotels", "Hospitality"), ("Construction", "Construction"), ("Architects", "Architecture"), ("Interiors", "Interior design"),
        ("Pools", "Leisure"), ("Retail Group", "Retail"),
    ),
    business_names=("Harbour", "Northgate", "Alder", "Lumen", "Cedar", "Marina", "Summit", "Atlas", "Orchard", "Delta"),
    called="{name} {business}",
    cities=(
        ("Berlin", "Berlin", "49 30"), ("Vienna", "Vienna", "43 1"), ("Milan", "Lombardy", "39 02"), ("Dubai", "Dubai", "971 4"),
        ("Doha", "Doha", "974 44"), ("Lyon", "Rhône", "33 4"),
    ),
    country="",
    streets=("12 Station Road", "48 Harbour Street", "3 Market Square", "101 Garden Avenue"),
    job_titles=("Buyer", "Head of procurement", "Project manager", "Lead architect", "Finance director", "Founder"),
    products=(
        Item("Hand-painted seven-colour tile", "Heritage", "m²", 96, 180),
        Item("Mosaic faience panel", "Heritage", "m²", 240, 60),
        Item("Matt porcelain 60×120", "Porcelain", "m²", 21, 1200),
        Item("Acid-proof floor tile", "Industrial", "m²", 29, 900),
        Item("Turquoise pool mosaic", "Pool", "m²", 48, 220),
        Item("Custom pattern design", "Services", "design", 1400, 2, "service"),
        Item("Installation", "Services", "m²", 18, 700, "service"),
    ),
    projects=(
        "Lobby floor", "Rooftop pool", "Restaurant walls", "Residential tower façade", "Spa and hammam", "Showroom", "Production hall",
        "Courtyard fountain", "Heritage restoration", "Annual porcelain supply",
    ),
    tags=("Project", "Wholesale", "Key account", "Needs samples"),
    competitors=("Azulejo Norte", "Ceramica Lago"),
    notes=(
        "They liked the sample but want the glaze a shade darker.", "The board decides at the end of the month.",
        "Delivery time matters more to them than price.", "Sent us the drawings; the area is ten percent above our estimate.",
        "They ask for the abrasion test certificate.", "A phase two is likely if we deliver before spring.",
    ),
    calls=(
        "They have read the quotation and asked about lead times.", "Asked me to call again tomorrow.", "Next week's meeting is confirmed.",
        "Want a better discount; I will raise it with our head of sales.",
    ),
    tasks=(
        ("Send the quotation", "email"), ("Call about the proposal", "call"), ("Send tile samples", "todo"), ("Visit the site", "visit"),
        ("Follow up with the board", "follow_up"), ("Draft the contract", "todo"),
    ),
    meetings=("Product introduction", "Sample review", "Final negotiation", "Kick-off"),
    places=("Customer's office", "Showroom", "Online", "Site"),
    outcomes=("Agreed in principle; the quotation is to be revised.", "They chose the third sample.", "Waiting for finance to approve."),
    losses=("The other offer was eight percent cheaper.", "Postponed to next year.", ""),
)  # fmt: skip
