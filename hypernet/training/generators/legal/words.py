"""Names, places and wordings of the legal tasks. Knows nothing of drawing."""

from __future__ import annotations


def apart(text: str, mark: str | None = None) -> tuple[str, ...]:
    """The words of a list written as one text."""
    return tuple(text.split(mark))


PLACES: tuple[tuple[str, str], ...] = (
    *(
        (f"the State of {name}", name)
        for name in apart(
            "Alabama, Alaska, Arizona, Arkansas, California, Colorado, Connecticut, Delaware, "
            "Florida, Georgia, Hawaii, Idaho, Illinois, Indiana, Iowa, Kansas, Louisiana, "
            "Maine, Maryland, Michigan, Minnesota, Mississippi, Missouri, Montana, Nebraska, "
            "Nevada, New Hampshire, New Jersey, New Mexico, New York, North Carolina, North "
            "Dakota, Ohio, Oklahoma, Oregon, Rhode Island, South Carolina, South Dakota, "
            "Tennessee, Texas, Utah, Vermont, Washington, West Virginia, Wisconsin, Wyoming",
            ", ",
        )
    ),
    *(
        (f"the Commonwealth of {name}", name)
        for name in ("Pennsylvania", "Virginia", "Massachusetts", "Kentucky")
    ),
    *(
        (f"the Province of {name}", name)
        for name in ("Ontario", "British Columbia", "Alberta", "Quebec", "Manitoba")
    ),
    *((name, name) for name in ("Delaware", "New York", "California", "Texas", "Nevada", "Ohio")),
    *((name, name) for name in ("Germany", "Israel", "Ireland", "Japan", "Bermuda", "Singapore")),
    *((name, name) for name in ("England and Wales", "Switzerland", "Hong Kong", "Denmark")),
    ("the Republic of Korea", "Korea"),
    ("the Republic of India", "India"),
    ("the State of Israel", "Israel"),
    ("the Kingdom of Sweden", "Sweden"),
    ("the Netherlands", "Netherlands"),
    ("the Cayman Islands", "Cayman Islands"),
)
CITIES = apart(
    "Wilmington, Chicago, Dallas, San Jose, Boston, London, Toronto, Geneva, Singapore, "
    "Atlanta, Denver, Seattle, Tel Aviv, Munich, Stockholm, Houston, Phoenix, Miami, Tampa, "
    "Cleveland, Pittsburgh, Minneapolis, Las Vegas, Salt Lake City, San Diego, Santa Clara "
    "County, Cook County, Harris County, Los Angeles, Vancouver, Zurich, Hong Kong, Shanghai, "
    "Paris, Austin, St. Louis, Charlotte",
    ", ",
)
ROLES: tuple[tuple[str, str], ...] = (
    ("Supplier", "Distributor"),
    ("Licensor", "Licensee"),
    ("Seller", "Buyer"),
    ("the Company", "the Consultant"),
    ("the Contractor", "the Owner"),
    ("Manufacturer", "Customer"),
    ("Service Provider", "Client"),
    ("Vendor", "Purchaser"),
    ("Franchisee", "Franchisor"),
    ("Tenant", "Landlord"),
    ("Party A", "Party B"),
    ("Affiliate", "Network"),
    ("Reseller", "Developer"),
    ("the Agent", "the Principal"),
    ("Sponsor", "Organizer"),
    ("Publisher", "Author"),
    ("Provider", "Recipient"),
    ("the Adviser", "the Fund"),
    ("Outsourcer", "Bank"),
    ("Talent", "Producer"),
)
NAME_HEADS = apart(
    "Acu Bell Cor Dyna Elan Fair Glo Hex Inno Jura Kest Lum Mer Nova Orb Pax Quan Ren Sol Tri "
    "Ultra Ver West Xen Yar Zeph Arc Brio Cald Dru Emer Frost Green Harb Ion Kin Lark Mont "
    "North Opti Pine Rad Ster Thorn Unit Vant Wex",
)
NAME_TAILS = apart(
    "va mont tech dyne gen net ford well ica ium ton care soft line point star bridge ex ora "
    "ware media pharm chem com tronics lux wood field fin trade ix ent bio path graph systems",
)
NAME_SUFFIXES = (
    *(
        "",
        "",
        "",
        " Corp",
        " Inc",
        " LLC",
        " Ltd",
        " Labs",
        " Group",
        " Foods",
        " Energy",
        " Holdings",
    ),
    *(" Therapeutics", " Networks", " Partners", " Brands", " Capital", " S.A", " GmbH", " Motors"),
)
MONTHS = apart("January February March April May June July August September October December")
SURNAMES = apart("Okafor Lindgren Marsh Delgado Whitcomb Ivers Tanaka Rourke Bexley Sandoval")
AGREEMENTS = (
    *("this Agreement",) * 12,
    "the Agreement",
    "this Contract",
    "this Lease",
    "this License Agreement",
    "this Distribution Agreement",
    "this Master Services Agreement",
    "this Amendment",
    "this Joint Venture Agreement",
    "this Letter Agreement",
    "this Supply Agreement",
    "this Franchise Agreement",
    "the present Contract",
)
THINGS = (
    *("Products", "Products", "Services", "Software", "Licensed Products", "Licensed Materials"),
    *("Content", "Goods", "Equipment", "Systems", "Compounds", "Devices", "Materials", "Programs"),
    *("Licensed Technology", "Units", "Vehicles", "Deliverables", "Components", "Publications"),
)
BUSINESSES = (
    *("telephone equipment", "pet food", "frozen desserts", "medical imaging", "online travel"),
    *(
        "payroll processing",
        "solar panels",
        "golf clubs",
        "hair care",
        "fiber optics",
        "water filters",
    ),
    *(
        "credit card processing",
        "animal vaccines",
        "fitness equipment",
        "video games",
        "car rental",
    ),
    *("staffing services", "craft beer", "industrial coatings", "data storage", "home security"),
)
HEADINGS: dict[str, tuple[str, ...]] = {
    "Governing Law": ("Governing Law", "Applicable Law", "Choice of Law", "Law"),
    "Audit Rights": ("Audit", "Records and Audit", "Inspection", "Books and Records"),
    "Insurance": ("Insurance", "Insurance Requirements", "Coverage"),
    "Anti-Assignment": ("Assignment", "No Assignment", "Successors and Assigns", "Transfer"),
    "Cap On Liability": ("Limitation of Liability", "Liability", "Exclusion of Damages"),
    "License Grant": ("License", "Grant of License", "Grant", "License Rights"),
    "Termination For Convenience": ("Termination", "Termination for Convenience", "Cancellation"),
    "Non-Compete": ("Non-Competition", "Covenant Not to Compete", "Restrictive Covenants"),
    "Confidentiality": ("Confidentiality", "Non-Disclosure", "Proprietary Information"),
    "Indemnification": ("Indemnity", "Indemnification", "Hold Harmless"),
    "Renewal Term": ("Renewal", "Extension", "Term and Renewal"),
    "Warranty": ("Warranties", "Limited Warranty", "Representations and Warranties"),
    "IP Ownership": ("Ownership", "Intellectual Property", "Title"),
    "Force Majeure": ("Force Majeure", "Excusable Delay"),
    "Dispute Resolution": ("Disputes", "Arbitration", "Dispute Resolution"),
    "Payment Terms": ("Payment", "Fees", "Compensation", "Invoicing"),
}
CORE_KINDS = tuple(list(HEADINGS)[:8])
SHORT_KINDS: dict[str, str] = {
    "Governing Law": "law",
    "Cap On Liability": "liability",
    "Confidentiality": "secrecy",
    "Payment Terms": "payment",
    "IP Ownership": "ownership",
    "Anti-Assignment": "assignment",
    "Warranty": "warranty",
    "Dispute Resolution": "disputes",
    "Force Majeure": "force majeure",
    "Indemnification": "indemnity",
}
SNAKE_KINDS: dict[str, str] = {
    "Termination For Convenience": "termination_for_convenience",
    "Renewal Term": "renewal",
    "Non-Compete": "non_compete",
    "Audit Rights": "audit_rights",
    "License Grant": "license_grant",
    "Insurance": "insurance",
}
DATA = (
    *(
        "contact information",
        "location information",
        "cookies or tracking elements",
        "IP addresses",
    ),
    *("device identifiers", "financial information", "demographic information", "purchase history"),
    *("browsing activity on the site", "survey answers", "health information", "profile data"),
    *("generic personal information", "unspecified information", "computer details", "photos"),
    *("information of an unclear type", "a unique identifier", "social media details", "log files"),
    *("information outside the label scheme", "unspecified personal data", "search queries"),
)
YOURS = (
    *(
        "your name and email address",
        "your location",
        "your IP address",
        "cookies",
        "your phone number",
    ),
    *(
        "the pages you visit",
        "device information",
        "your payment details",
        "log data",
        "your contacts",
    ),
    *("personal information", "your answers to surveys", "your date of birth", "web beacons"),
    *("information about your purchases", "non-identifying information", "your postal address"),
    *(
        "your age and gender",
        "usage information",
        "photos you upload",
        "your profile",
        "account data",
    ),
)
PURPOSES = (
    *("Additional service/feature", "Analytics/Research", "Advertising"),
    *("Service operation and security", "Merger/Acquisition", "Legal requirement", "Marketing"),
    *(
        "Personalization/Customization",
        "Basic service/feature",
        "Unspecified",
        "Not Specified",
        "Other",
    ),
)
SHORT_PURPOSES: dict[str, str] = {
    "Additional service/feature": "extra feature",
    "Analytics/Research": "analytics",
    "Advertising": "ads",
    "Service operation and security": "security",
    "Merger/Acquisition": "merger",
    "Legal requirement": "legal",
    "Marketing": "marketing",
    "Personalization/Customization": "personalization",
    "Basic service/feature": "core service",
    "Unspecified": "none given",
    "Not Specified": "none given",
}

# Each task has core wordings; `FRAMES` makes the other ones of them.
FRAMES = (
    "{core}",
    "You are a contract analyst at a law firm. {core}",
    "{core} {ending}",
    "Read the text below. {core} {ending}",
    "{sloppy}",
    "Task: {core} Reply with the answer only, without explanation.",
)
CLAUSE_CORES = (
    "What kind of contract clause is this? Choose from: {labels}.",
    "Classify the clause by its type ({labels}).",
    "Label this contract provision with one of these categories: {labels}.",
    "Decide which clause type the passage belongs to. Possible types: {labels}.",
    "Tag the following agreement excerpt. Tags: {labels}.",
    "Sort the provision into exactly one of {labels}.",
    "Which of these topics does the clause deal with: {labels}?",
    "Given a clause of a commercial agreement, name its type. Options are {labels}.",
    "For a due diligence checklist, assign the paragraph to a heading among {labels}.",
    "Identify the subject of the contract language, picking from {labels}.",
    "Pick the best matching clause category from this list - {labels} - for the text.",
    "We are building a contract database. Determine the clause category: {labels}.",
)
CLAUSE_ENDINGS = (
    "Answer with the clause type only.",
    "Give just the label.",
    "Output one label exactly as written.",
    "Use only a label of the list.",
)
IS_CORES = (
    "Does this clause {does}? Answer {yes} or {no}.",
    "Say {yes} if the clause is about {name}, {no} if it is about something else.",
    "Is this {name} language? {yes}/{no}.",
    "Check whether the contract excerpt concerns {name} and reply {yes} or {no}.",
    "Decide if the provision serves to {do}. Write {yes} when it does and {no} otherwise.",
    "Flag {name} clauses: {yes} for a match, {no} for every other clause.",
    "Would you file the following paragraph under {name}? Respond with {yes} or {no}.",
    "Contract review question: do these lines {do}? ({yes} or {no})",
    "Determine whether {name} is what the text deals with. Possible answers: {yes}, {no}.",
    "Reply {yes} to clauses which {do}; reply {no} to others.",
)
IS_ENDINGS = ("One word only.", "No explanation.", "Do not add anything.", "Just that.")
KIND_QUESTIONS: dict[str, tuple[str, str, str, str]] = {
    "Audit Rights": (
        "audit or inspection rights",
        "let a party audit or inspect the other's records or premises",
        "Yes",
        "No",
    ),
    "Governing Law": ("governing law", "fix the law that applies to the contract", "yes", "no"),
    "Anti-Assignment": (
        "restrictions on assignment",
        "restrict or regulate transfer of the contract to others",
        "Yes",
        "No",
    ),
    "Non-Compete": ("non-competition", "stop a party from competing", "true", "false"),
    "Cap On Liability": ("limits on liability", "limit a party's liability", "YES", "NO"),
    "Insurance": ("insurance", "require insurance coverage", "Yes", "No"),
}
NOTICE_CORES = (
    "How long is the notice period for stopping renewal or ending the contract?",
    "Extract the notice period from the clause.",
    "Find the length of advance notice a party must give so that the contract is not renewed.",
    "What notice is required for non-renewal?",
    "Pull out the period of notice needed to terminate or not renew.",
    "State the deadline, as a length of time, for the renewal or termination notice.",
    "Read the renewal provision and give the notice period.",
    "Return the notice time required by this agreement.",
    "By how much time ahead must notice be given here?",
    "Notice period please.",
)
NOTICE_ENDINGS = (
    "Answer like 30 days or 6 months.",
    "Use digits and the unit.",
    "Format: number and unit, e.g. 90 days.",
    "Only the period, in figures.",
)
PLACE_CORES = (
    "Which state's or country's law governs the agreement?",
    "Extract the governing law jurisdiction.",
    "Name the state or country whose laws apply to the contract.",
    "Under the law of which place is this contract interpreted?",
    "Find the jurisdiction chosen as governing law.",
    "Give the governing-law state, province or country.",
    "What is the applicable law here? Name the place.",
    "From the clause, copy the place whose law controls.",
    "Return the jurisdiction of the choice-of-law clause.",
    "Whose law? State or country name.",
)
PLACE_ENDINGS = (
    'Answer with the bare name, e.g. "Delaware".',
    "Leave out words such as State of.",
    "Only the name of the place.",
    "Just the name, nothing around it.",
)
CAP_CORES = (
    "What is the maximum liability amount?",
    "Extract the liability cap from the clause.",
    "Find the sum to which liability is limited.",
    "At what amount is liability capped?",
    "Give the upper limit of damages set by this provision.",
    "Pull the cap on liability out of the text.",
    "How much can at most be recovered under the clause?",
    "Return the amount of the liability limit, not other sums mentioned.",
    "State the ceiling of the liability.",
    "Liability limit amount?",
)
CAP_ENDINGS = (
    "Copy the amount in figures, with its currency.",
    "Write the figure as it stands in the text.",
    "Only the amount in digits.",
    "Answer with the money figure alone.",
)
TERM_CORES = (
    "How long does the agreement last?",
    "Extract the initial term of the contract.",
    "What is the duration of the agreement, not counting renewals?",
    "Find the length of the contract term.",
    "Give the term of the agreement stated in the clause.",
    "For how long is the contract concluded?",
    "State the contract period, ignoring notice periods and renewals.",
    "Pull out the duration for which the agreement is in effect.",
    "Return the initial duration.",
    "Contract length?",
)
TERM_ENDINGS = (
    "Answer like 3 years or 18 months.",
    "Use figures and the unit.",
    "Number plus unit only.",
    "For example: 5 years.",
)
RENEWAL_CORES = (
    'Return JSON with the keys "initial_term", "renewal_term" and "notice_period".',
    "Make a JSON object {{initial_term, renewal_term, notice_period}} from the renewal clause.",
    "Fill initial_term, renewal_term and notice_period, as JSON.",
    "Convert the term clause to JSON (initial_term, renewal_term, notice_period).",
    "Extract as JSON: initial_term, renewal_term, notice_period.",
    "Which periods does the clause set? Give JSON with initial_term, renewal_term, notice_period.",
    "Output a JSON record having initial_term, renewal_term and notice_period in that order.",
    "Parse the clause into the fields initial_term, renewal_term, notice_period of a JSON object.",
    "I need initial_term, renewal_term and notice_period of this contract in JSON.",
    "Read out the three periods: initial_term, renewal_term, notice_period. JSON.",
)
RENEWAL_ENDINGS = (
    'Write periods as in "2 years".',
    "Values are a number and a unit.",
    "JSON only, on one line.",
    "Use figures.",
)
PURPOSE_CORES = (
    "For what purpose is the information collected or used? Labels: {labels}.",
    "Identify the purpose named in this privacy policy passage. Choose from {labels}.",
    "Classify the purpose of the data practice: {labels}.",
    "Why is the user data handled? Pick one of {labels}.",
    "Read the privacy policy text and label its purpose with one of {labels}.",
    "Name the purpose category of the described collection or sharing ({labels}).",
    "Assign one purpose out of {labels} to the sentence from a privacy notice.",
    "Privacy annotation: which purpose does the text state? {labels}.",
    "Determine what the data is used for, according to the policy. Possible answers: {labels}.",
    "Tag the text with its data-use purpose. The tags are {labels}.",
)
PURPOSE_ENDINGS = (
    "Answer with the label only.",
    "If a practice other than collection or sharing is described, no purpose is given.",
    "One label.",
    "Do not explain.",
)
SHARED_CORES = (
    "Is the data used by the site itself or by a third party? Answer first party or third party.",
    "Who handles the user's data here: first party or third party?",
    "Label the privacy statement as first party or third party use.",
    "Does it concern the company itself (first party) or an outside company (third party)?",
    "Tell first party collection from third party sharing. Write first party or third party.",
    "Decide who gets the information. Choices: first party, third party.",
    "Mark sentences about sharing with outsiders as third party and all others as first party.",
    "Privacy policy check - is it first party or third party?",
    "Classify the actor: first party if it is the site or app, third party if it is somebody else.",
    "State whether the user's information goes to the first party or a third party.",
)
SHARED_ENDINGS = ("Two words.", "Nothing else.", "Only the label.", "Use lower case.")
