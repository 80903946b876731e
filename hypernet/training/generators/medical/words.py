"""The ICD-10 categories, chapters and blocks that the medical generator draws from.

Ranges are those of ICD-10-CM. Knows nothing of models or training.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypernet.training.generators.medical import codes_a_h as medical_codes_a_h
from hypernet.training.generators.medical import codes_i_n as medical_codes_i_n
from hypernet.training.generators.medical import codes_o_z as medical_codes_o_z


@dataclass(frozen=True)
class Chapter:
    """One of the 21 chapters."""

    roman: str
    first: str
    last: str
    title: str
    short: str

    @property
    def codes(self) -> str:
        """The range as printed in the table of contents."""
        return f"{self.first}-{self.last}"


@dataclass(frozen=True)
class Category:
    """One three-character category with the ways of saying it."""

    code: str
    flag: str
    title: str
    phrases: tuple[str, ...]
    chapter: Chapter
    block: str


_CHAPTERS = """
I|A00|B99|Certain infectious and parasitic diseases|Infections
II|C00|D49|Neoplasms|Neoplasms
III|D50|D89|Diseases of the blood and blood-forming organs|Blood
IV|E00|E89|Endocrine, nutritional and metabolic diseases|Endocrine and metabolic
V|F01|F99|Mental and behavioural disorders|Mental health
VI|G00|G99|Diseases of the nervous system|Nervous system
VII|H00|H59|Diseases of the eye and adnexa|Eye
VIII|H60|H95|Diseases of the ear and mastoid process|Ear
IX|I00|I99|Diseases of the circulatory system|Circulatory
X|J00|J99|Diseases of the respiratory system|Respiratory
XI|K00|K95|Diseases of the digestive system|Digestive
XII|L00|L99|Diseases of the skin and subcutaneous tissue|Skin
XIII|M00|M99|Diseases of the musculoskeletal system and connective tissue|Musculoskeletal
XIV|N00|N99|Diseases of the genitourinary system|Genitourinary
XV|O00|O9A|Pregnancy, childbirth and the puerperium|Pregnancy and childbirth
XVI|P00|P96|Certain conditions originating in the perinatal period|Perinatal
XVII|Q00|Q99|Congenital malformations and chromosomal abnormalities|Congenital
XVIII|R00|R99|Symptoms, signs and abnormal findings|Symptoms and signs
XIX|S00|T88|Injury, poisoning and other external consequences|Injury and poisoning
XX|V00|Y99|External causes of morbidity|External causes
XXI|Z00|Z99|Factors influencing health status and contact with health services|Health services
"""

# The blocks of ICD-10-CM, without those that no category here falls into.
_BLOCKS = """
A00-A09 A15-A19 A20-A28 A30-A49 A50-A64 A65-A69 A70-A74 A75-A79 A80-A89 A90-A99 B00-B09 B15-B19
B20-B20 B25-B34 B35-B49 B50-B64 B65-B83 B85-B89 B90-B94 B95-B97 C00-C14 C15-C26 C30-C39 C40-C41
C43-C44 C45-C49 C50-C50 C51-C58 C60-C63 C64-C68 C69-C72 C73-C75 C76-C80 C81-C96 D00-D09 D10-D36
D37-D48 D50-D53 D55-D59 D60-D64 D65-D69 D70-D77 D80-D89 E00-E07 E08-E13 E15-E16 E20-E35 E40-E46
E50-E64 E65-E68 E70-E88 F01-F09 F10-F19 F20-F29 F30-F39 F40-F48 F50-F59 F60-F69 F70-F79 F80-F89
F90-F98 G00-G09 G10-G14 G20-G26 G30-G32 G35-G37 G40-G47 G50-G59 G60-G65 G70-G73 G80-G83 G89-G99
H00-H05 H10-H11 H15-H22 H25-H28 H30-H36 H40-H42 H43-H44 H46-H47 H49-H52 H53-H54 H55-H57 H60-H62
H65-H75 H80-H83 H90-H94 I00-I02 I05-I09 I10-I16 I20-I25 I26-I28 I30-I52 I60-I69 I70-I79 I80-I89
I95-I99 J00-J06 J09-J18 J20-J22 J30-J39 J40-J47 J60-J70 J80-J84 J85-J86 J90-J94 J96-J99 K00-K14
K20-K31 K35-K38 K40-K46 K50-K52 K55-K64 K65-K68 K70-K77 K80-K87 K90-K95 L00-L08 L10-L14 L20-L30
L40-L45 L49-L54 L55-L59 L60-L75 L80-L99 M00-M02 M05-M14 M15-M19 M20-M25 M26-M27 M30-M36 M40-M43
M45-M49 M50-M54 M60-M63 M65-M67 M70-M79 M80-M85 M86-M90 M91-M94 N00-N08 N10-N16 N17-N19 N20-N23
N25-N29 N30-N39 N40-N53 N60-N65 N70-N77 N80-N98 O00-O08 O09-O09 O10-O16 O20-O29 O30-O48 O60-O77
O80-O82 O85-O92 O94-O9A P00-P04 P05-P08 P09-P09 P10-P15 P19-P29 P35-P39 P50-P61 P70-P74 P76-P78
P80-P83 P84-P84 P90-P96 Q00-Q07 Q10-Q18 Q20-Q28 Q30-Q34 Q35-Q37 Q38-Q45 Q50-Q56 Q60-Q64 Q65-Q79
Q80-Q89 Q90-Q99 R00-R09 R10-R19 R20-R23 R25-R29 R30-R39 R40-R46 R47-R49 R50-R69 R70-R79 R80-R82
R83-R89 R90-R94 S00-S09 S10-S19 S20-S29 S30-S39 S40-S49 S50-S59 S60-S69 S70-S79 S80-S89 S90-S99
T15-T19 T20-T25 T26-T28 T30-T32 T33-T34 T36-T50 T51-T65 T66-T78 T80-T88 V00-V09 V10-V19 V20-V29
V30-V39 V40-V49 V50-V59 V60-V69 V70-V79 V80-V89 W00-W19 W20-W49 W50-W64 W65-W74 W85-W99 X00-X08
X10-X19 X30-X39 X71-X83 X92-Y09 Z00-Z13 Z14-Z15 Z20-Z29 Z30-Z39 Z40-Z53 Z55-Z65 Z69-Z76 Z77-Z99
"""
BLOCKS = tuple(_BLOCKS.split())


def _chapters() -> tuple[Chapter, ...]:
    return tuple(Chapter(*line.split("|")) for line in _CHAPTERS.strip().splitlines())


CHAPTERS = _chapters()


def chapter_of(code: str) -> Chapter:
    """The chapter whose range holds the code."""
    return next(chapter for chapter in CHAPTERS if chapter.first <= code <= chapter.last)


def block_of(code: str) -> str:
    """The block whose range holds the code."""
    return next(block for block in BLOCKS if block[:3] <= code <= block[4:])


def _joined(table: str) -> list[str]:
    """One line a category: a line that begins with spaces continues the one before."""
    return table.strip().replace("\n  ", " ").splitlines()


def _category(line: str) -> Category:
    head, title, phrases = line.split("|")
    code, _, flag = head.partition(" ")
    said = tuple(phrase.strip() for phrase in phrases.split(";"))
    return Category(code, flag, title, said, chapter_of(code), block_of(code))


CATEGORIES = tuple(
    _category(line)
    for part in (medical_codes_a_h, medical_codes_i_n, medical_codes_o_z)
    for line in _joined(part.TABLE)
)

# Said after the diagnosis; nothing here changes the category.
TAILS = (
    "follow up in 2 weeks", "stable", "on treatment", "ongoing", "known", "referred by GP",
    "seen in ED", "confirmed", "primary diagnosis", "under specialist care", "reviewed today",
    "no other complaints", "improving", "discussed with family", "as per discharge letter",
    "see notes", "plan as before", "d/w consultant", "secondary diagnosis", "seen on ward round",
)  # fmt: skip
SYMPTOM_TAILS = (
    "since yesterday", "for the past 3 days", "x 2 weeks", "for several months", "cause unclear",
    "workup pending", "on and off", "worsening", "x 1 day", "this morning", "no known cause",
)  # fmt: skip
INJURY_TAILS = ("initial encounter", "subsequent encounter", "seen in ED", "today", "yesterday")
VISIT_TAILS = ("today", "scheduled", "routine", "as planned", "documented", "noted in chart")

CLINICAL_FRAMES = (
    "{p}", "{p}", "{p}", "{p}", "Dx: {p}", "Dx - {p}", "Diagnosis: {p}", "Impression: {p}",
    "{who} with {p}", "{who}, {p}", "{who} presenting with {p}", "{who} admitted with {p}",
    "{who} seen for {p}", "Assessment: {p}", "A/P: {p}", "pt has {p}", "Patient has {p}.",
    "Reason for admission: {p}", "Problem list: {p}", "1. {p}", "- {p}", "Final diagnosis {p}",
    "{who}. {p}.", "Discharge diagnosis: {p}", "Working dx {p}", "Clinic letter: {p}",
    "{who} treated for {p}", "GP note: {p}", "Consult re: {p}", "{who} w/ {p}", "coded as {p}",
)  # fmt: skip
EVENT_FRAMES = (
    "{p}", "{p}", "{p}", "Mechanism: {p}", "How it happened: {p}", "{who}, {p}", "{who}: {p}",
    "Cause of injury: {p}", "MOI - {p}", "Triage note: {p}", "Ambulance sheet: {p}",
    "External cause: {p}", "Circumstances: {p}", "injury event, {p}", "Told nurse: {p}",
)  # fmt: skip
VISIT_FRAMES = (
    "{p}", "{p}", "{p}", "Reason for visit: {p}", "Visit: {p}", "{who}, {p}", "{who}: {p}",
    "Status: {p}", "Encounter note: {p}", "Booked for: {p}", "Chart entry: {p}", "PMH/other: {p}",
    "Front desk: {p}", "Note: {p}", "Background: {p}",
)  # fmt: skip
SIDES = ("left", "right", "L", "R", "lt", "rt", "Left", "Right", "(L)", "(R)")
SHORTENED = (
    ("fracture", "fx"), ("fracture", "#"), ("infection", "infxn"), ("chronic", "chr."),
    ("acute", "ac."), ("with", "w/"), ("without", "w/o"), ("secondary to", "2/2"),
    ("syndrome", "synd."), ("disease", "dis."), ("disorder", "d/o"), ("due to", "d/t"),
    ("patient", "pt"), ("bilateral", "bilat"), ("pregnancy", "preg"), ("hemorrhage", "haemorrhage"),
    ("edema", "oedema"), ("tumor", "tumour"), ("esophageal", "oesophageal"), ("unspecified", "NOS"),
)  # fmt: skip

FEMALE_SIGNS = (
    "mammogram", "gynec", "pregnan", "iud", "hysterectomy", "cervi", "vagin", "vulv", "uter",
    "birth control", "depo-provera", "mastectomy", "ovar", "breast", "menst", "contracept",
)  # fmt: skip
MALE_SIGNS = ("prostat", "testi", "foreskin", "orchi", " he ", "penile")
YOUNG_SIGNS = ("infant", "baby", "newborn", "child", "juvenile", "school", "neonat", "congenital")
