"""How users would word the medical tasks: thirty descriptions each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypernet.training.generators.medical.words import CHAPTERS

if TYPE_CHECKING:
    from hypernet.training.generators.medical.words import Chapter

# {t} is what to give, {a} how the answer looks; both come in several forms, taken in turn.
_FRAMES = (
    "Give {t} for the clinical phrase.",
    "Read the clinical phrase and answer with {t}. Reply with {a} and nothing else.",
    "You are a medical coder. For each diagnosis text return {t}.",
    "Which is {t} of this diagnosis?",
    "Clinical coding: phrase in, {t} out.",
    "The input is a short note from a patient chart. Determine {t}; the output is {a}.",
    "Assign {t} to what the doctor wrote.",
    "find {t} for this",
    "Map the free-text diagnosis to {t}. The answer must be {a}.",
    "As a certified coding specialist, look at the problem-list entry and state {t}.",
    "What would {t} be for the condition described? Answer with {a}.",
    "diagnosis -> {t}, just {a}",
    "Please code the following: a terse, possibly abbreviated description of a patient's "
    "condition, visit or accident. Output {t} only.",
    "Look at the wording, laterality, acuity and abbreviations of the entry, decide what it is "
    "about, and respond with {t}.",
    "I have lots of short medical phrases. For every one of them I need {t} ({a}).",
    "Return {t}. Don't explain.",
    "Our billing system needs {t} for each reason of encounter. Write {a}.",
    "ICD-10 lookup. Text: a phrase in clinical or lay language. Result: {t}.",
    "You will be shown how a nurse or physician described a case. Say {t}. Format: {a}.",
    "Can you tell me {t} for the complaint below?",
    "Determine {t} according to ICD-10 for the given mention; ignore age, sex and other context.",
    "Output exactly {a}: {t} for the phrase given.",
    "Classify the health record snippet by {t}.",
    "Task: ICD-10 coding of short texts. Expected answer: {t}, written as {a}.",
)
_YES_NO_FRAMES = (
    "Does the phrase {b}? Answer yes or no.",
    "Answer yes if the diagnosis text would {b}, otherwise no.",
    "You are a medical coder. Say whether the entry would {b}: yes or no.",
    "yes/no: does this {b}",
    "Read the clinical phrase. Reply 'yes' when it would {b} and 'no' when not.",
    "Decide whether the problem would {b}. One word, yes or no.",
    "Would a coder let this {b}? (yes or no)",
    "Check each chart note: if it would {b}, write yes; in every other case write no.",
    "Screen these short medical notes. The question is always: does it {b}? Output yes or no only.",
    "Binary classification of diagnoses. yes = would {b}; no = would go to another chapter.",
    "Tell me, yes or no, if what the doctor wrote should {b}.",
    "Under ICD-10, does the condition {b}? Give a one-word lowercase answer.",
    "I only care about one chapter. Does the mention {b}? yes / no",
    "Filter: keep (yes) phrases which {b}, drop (no) the others.",
    "Look at the snippet from the health record and judge if it would {b}. Labels: yes, no.",
    "The input is a diagnosis, symptom, accident or visit reason. Output yes if its code would "
    "{b}, no if its code lies elsewhere.",
    "Is it true that this would {b}? Respond with yes or no and nothing more.",
    "As a coding auditor verify whether the text would {b}. Answer: yes / no.",
    "Given a medical phrase with abbreviations and shorthand, output yes or no: should it {b}?",
    "Please mark with yes every complaint that would {b}, with no every one that would not.",
    "Could you check if the following diagnosis would {b}? Only yes or no please.",
    "Chapter test. Positive (yes): would {b}. Negative (no): anything else.",
)

_ROMANS = "one of I to XXI"
_TITLES = "; ".join(chapter.title for chapter in CHAPTERS)
_SHORTS = ", ".join(chapter.short for chapter in CHAPTERS)
_RANGES = ", ".join(chapter.codes for chapter in CHAPTERS)


@dataclass(frozen=True)
class _Said:
    things: tuple[str, ...]
    answers: tuple[str, ...]
    own: tuple[str, ...]


_SAID = {
    "medical_icd10_chapter_roman": _Said(
        (
            "the ICD-10 chapter number as a Roman numeral",
            "the number of the ICD-10 chapter in Roman numerals",
            "the Roman numeral of the ICD-10 chapter it is coded in",
        ),
        ("a Roman numeral from I to XXI", "one Roman numeral such as IX", "a Roman numeral only"),
        (
            f"Predict the ICD-10 chapter ({_ROMANS}) of the phrase.",
            "ICD10 chapter nr, roman, e.g. heart attack -> IX",
            "Which of the 21 chapters of the ICD-10, numbered I through XXI, does this fall under?",
            "There are 21 ICD-10 chapters. Answer with the Roman number of the one that covers "
            "the text, for example X for diseases of the respiratory system.",
            "Sort diagnoses into ICD-10 chapters I, II, III, IV, V, VI, VII, VIII, IX, X, XI, XII, "
            "XIII, XIV, XV, XVI, XVII, XVIII, XIX, XX, XXI.",
            "roman numeral of icd chapter pls",
        ),
    ),
    "medical_icd10_chapter_title": _Said(
        (
            "the title of the ICD-10 chapter",
            "the full name of the ICD-10 chapter it belongs to",
            "the ICD-10 chapter, written out as its title",
        ),
        (
            "the chapter title, e.g. Diseases of the circulatory system",
            "the chapter's title without its number",
            "one chapter title such as Neoplasms",
        ),
        (
            f"Choose the ICD-10 chapter of the phrase from: {_TITLES}.",
            f"Classify into one of these chapters and copy its name exactly: {_TITLES}",
            "Name the ICD-10 chapter, like 'Diseases of the eye and adnexa' or 'Neoplasms'.",
            "what icd chapter is that in? write the chapter name",
            "Under which chapter heading of ICD-10 would you file this? Give the heading.",
            "Write the chapter heading (not the code, not the number) that covers the condition.",
        ),
    ),
    "medical_icd10_chapter_short": _Said(
        (
            "the short name of the ICD-10 chapter",
            "the ICD-10 chapter as a one-to-four-word label",
            "the brief ICD-10 chapter label",
        ),
        (
            "a short label such as Circulatory or Eye",
            "one label, e.g. Injury and poisoning",
            "a short chapter label like Skin",
        ),
        (
            f"Label the phrase with one of: {_SHORTS}.",
            f"Pick the fitting ICD-10 chapter. Labels: {_SHORTS}",
            f"Which group? {_SHORTS}",
            "Give a rough ICD-10 grouping such as Digestive, Blood, Perinatal or External causes.",
            f"Triage diagnoses into ICD-10 chapters with these short names: {_SHORTS}. One only.",
            "short icd chapter name for it (Respiratory, Genitourinary, ...)",
        ),
    ),
    "medical_icd10_chapter_range": _Said(
        (
            "the code range of its ICD-10-CM chapter",
            "the range of codes that makes up its ICD-10 chapter",
            "the ICD-10-CM chapter as a range of codes",
        ),
        (
            "a range like I00-I99",
            "first and last code of the chapter joined by a hyphen, e.g. J00-J99",
            "one chapter range such as S00-T88",
        ),
        (
            f"Choose the chapter range of the phrase from: {_RANGES}.",
            f"Classify by ICD-10-CM chapter. Classes: {_RANGES}",
            "chapter range pls, like K00-K95",
            "In which span of codes is this diagnosis found? Give the whole chapter, for example "
            "C00-D49 for any tumour.",
            "Answer with the letters-and-digits span of the chapter (A00-B99, C00-D49, ...).",
            "Which chapter of ICD-10-CM, written from its first to its last code?",
        ),
    ),
    "medical_icd10_letter": _Said(
        (
            "the first letter of its ICD-10 code",
            "the letter its ICD-10 code begins with",
            "the initial letter of the ICD-10 code",
        ),
        ("one capital letter", "a single upper-case letter such as J", "just the letter"),
        (
            "ICD-10 codes start with a letter. Which letter for this phrase?",
            "Letter only: A-Z, where the ICD10 code of the diagnosis would start.",
            "If I looked this up in ICD-10, what letter would its code start with?",
            "first char of icd code",
            "Give the leading letter of the code (for asthma it is J, for gout M).",
            "Predict the alphabetic prefix of the ICD-10 code for the complaint.",
        ),
    ),
    "medical_icd10_category": _Said(
        (
            "the three-character ICD-10 category code",
            "the ICD-10 code at category level (three characters)",
            "the three-character ICD-10 code",
        ),
        ("a code such as I21", "a letter and two digits", "one three-character code like J45"),
        (
            "Code this in ICD-10, three characters, no subdivision.",
            "icd10 code? 3 chars",
            "Extract the ICD-10 category: a letter followed by two digits, e.g. E11 for type 2 "
            "diabetes.",
            "What is the ICD-10 category? Leave out anything after the dot.",
            "Turn the doctor's shorthand into the category code used for statistics, like N18.",
            "heart attack -> I21, broken collarbone -> S42; do the same for the phrase given.",
        ),
    ),
    "medical_icd10_block": _Said(
        (
            "the ICD-10-CM block (code range)",
            "the block of ICD-10 categories it falls into, as a range",
            "the ICD-10 code group given as its range",
        ),
        (
            "a block range like I20-I25",
            "the first and last category of the block joined by a hyphen",
            "one range such as J40-J47",
        ),
        (
            "Which ICD-10-CM section does this diagnosis belong to? Format: K20-K31.",
            "icd block for it, e.g. F30-F39",
            "Angina belongs to I20-I25. Say in the same way which code group the phrase is in.",
            "Answer with the code group (block), narrower than the chapter, e.g. S60-S69 for a "
            "cut finger.",
            "Give the subchapter range of categories in ICD-10-CM that covers the text.",
            "Group the diagnosis into its ICD-10 block: start category, hyphen, end category.",
        ),
    ),
    "medical_icd10_title": _Said(
        (
            "the official title of its ICD-10 category",
            "the ICD-10 category title",
            "the name of the three-character ICD-10 category",
        ),
        (
            "the title text without the code",
            "the category title only, e.g. Heart failure",
            "the official wording of the category",
        ),
        (
            "Normalise the diagnosis: write the ICD-10 category name it stands for.",
            "Rewrite shorthand or lay words as the official ICD-10 heading.",
            "what's the proper icd-10 name of this?",
            "SOB -> Abnormalities of breathing. Translate the phrase to its ICD-10 category title "
            "the same way.",
            "Give the standard term used by the ICD-10 at three-character level.",
            "Standardise the entry to the ICD-10 rubric title, no code.",
        ),
    ),
    "medical_icd10_code_and_title": _Said(
        (
            "the three-character ICD-10 code followed by its title",
            "the ICD-10 category code and, after a space, the category title",
            "the ICD-10 category as code plus title",
        ),
        (
            "code, space, title, e.g. I50 Heart failure",
            "a line like J45 Asthma",
            "the code first, then the title",
        ),
        (
            "Code the phrase and name the category, for example 'L40 Psoriasis'.",
            "icd code + name",
            "Answer in the form CODE TITLE, at three-character level of ICD-10.",
            "Which ICD-10 category is it? Write code and official title in one line.",
            "Find the ICD-10 rubric: code then description, no punctuation between.",
            "Look it up in the tabular list and copy the category line (code and title).",
        ),
    ),
    "medical_icd10_json": _Said(
        (
            'a JSON object with "code" (ICD-10 category) and "chapter" (Roman numeral)',
            "JSON with the keys code and chapter: three-character ICD-10 code, Roman chapter",
            "the ICD-10 category and chapter as JSON with keys code and chapter",
        ),
        (
            'JSON such as {"code": "I21", "chapter": "IX"}',
            "one JSON object on one line",
            'a JSON object with the keys "code" and "chapter", both strings',
        ),
        (
            'Return {"code": ..., "chapter": ...} with the ICD-10 category and Roman chapter.',
            "Code to JSON. code = 3-character ICD-10 category, chapter = Roman numeral I-XXI.",
            "json pls: code (icd10, 3 chars) and chapter (roman)",
            "Produce machine-readable coding: keys code and chapter, e.g. code J45, chapter X.",
            "An API expects code and chapter in JSON; code is like K35 and chapter like XI.",
            "Respond in JSON. First key: code, three characters. Second key: chapter, Roman.",
        ),
    ),
    "medical_icd10_block_json": _Said(
        (
            'JSON with the keys "code", "block" and "title" of the ICD-10 category',
            "a JSON object giving code, block and title (ICD-10 category level)",
            "the coding as JSON: code, block range, category title",
        ),
        (
            'JSON like {"code": "I21", "block": "I20-I25", "title": "Acute myocardial infarction"}',
            "one line of JSON with code, block and title",
            "a JSON object whose keys are code, block, title",
        ),
        (
            "Output the ICD-10 category code, its block range and its title under the JSON keys "
            "code, block and title.",
            "json with code, block, title for the icd10 category",
            "Fill {\"code\", \"block\", \"title\"} for the diagnosis: e.g. J45, J40-J47, Asthma.",
            "Build a record: code (three characters), block (range), title (official name). JSON.",
            "Code it and return code + block + title as a JSON object in that order.",
            "For our database return JSON: code, then block such as E08-E13, then title.",
        ),
    ),
}  # fmt: skip

_OWN = {
    "medical_code_to_chapter": (
        "Give the ICD-10 chapter as a Roman numeral for the code.",
        "An ICD-10 code is given. Which chapter (I to XXI) does it belong to?",
        "icd code -> chapter number in roman",
        "You are a coder. Answer with the Roman numeral of the chapter that holds this code.",
        "From the code alone, tell the ICD-10 chapter. Roman numerals only.",
        "Which ICD-10 chapter is the code from? Answer like XIX.",
        "Convert ICD-10 codes to chapter numbers, written I, II, III, ... XXI.",
        "Input: a code, maybe with a dot and digits, maybe with its title. Output: Roman chapter.",
        "Chapter of code? (roman)",
        "Determine the chapter of the following ICD-10-CM code; respond with a Roman numeral.",
        "For example J45.9 is in chapter X. What about the code given?",
        "Look only at the letter and first digits of the code and say the chapter, I through XXI.",
        "State the chapter. Codes A00-B99 are I, C00-D49 II, D50-D89 III, E IV, F V, G VI, "
        "H00-H59 VII, H60-H95 VIII, I IX, J X, K XI, L XII, M XIII, N XIV, O XV, P XVI, Q XVII, "
        "R XVIII, S and T XIX, V to Y XX, Z XXI.",
        "Reply with the Roman numeral of the chapter and no other text.",
        "Which of the twenty-one ICD chapters covers this code?",
        "Sort codes by chapter; the answer is a Roman number.",
        "Our table lacks the chapter column. Fill it in (Roman numeral) from the ICD-10 code.",
        "Tell me the ICD-10 chapter number, in Roman figures, for each code I send.",
        "Code lookup: return chapter I-XXI.",
        "What chapter would I open to find this code in the ICD-10 tabular list? Roman numeral.",
        "Classify the ICD code into its chapter. Labels are the numerals I to XXI.",
        "Given a diagnosis code output the number of its chapter as used in the book (roman).",
        "roman chapter for the icd10 code, nothing else",
        "Identify the chapter from the code range the code lies in and print its Roman numeral.",
        "A code such as S72.0 belongs to chapter XIX. Answer in the same style.",
        "Please return the chapter the code is part of. Use Roman numerals.",
        "Return one Roman numeral: the chapter of the ICD-10 code shown.",
        "Let me know the chapter (Roman) of this ICD-10-CM category or subcategory.",
        "The ICD-10 groups codes in chapters by letter. Which chapter number fits? Use Romans.",
        "Map the diagnosis code to its chapter numeral.",
    ),
    "medical_pick_code": (
        "Choose the ICD-10 code that fits the phrase from the codes offered.",
        "One of the four codes is right. Which?",
        "Pick the correct code for the diagnosis. Answer with the code only.",
        "You are a medical coder. Select the matching ICD-10 category among the candidates.",
        "which code fits",
        "The input has a clinical phrase and four ICD-10 categories. Output the right category.",
        "Multiple choice: find the ICD-10 code that describes the condition and copy it.",
        "Read the phrase, compare the options, return the single best ICD-10 code.",
        "Out of the listed codes, say the one a coder would assign.",
        "Select the proper three-character code from the list given with the text.",
        "Given candidates and a diagnosis, answer with the candidate that is correct.",
        "Only one candidate code matches the note. Write it.",
        "Help me decide between these ICD-10 codes for the problem stated.",
        "Four codes, one diagnosis: name the code that belongs to it.",
        "Return the code from the options under which the complaint is classified in ICD-10.",
        "Audit: which of the suggested ICD codes is justified by the text?",
        "Choose between the codes. No explanation, just the code.",
        "The search engine proposed some categories. Keep the one that matches the wording.",
        "Identify the right option (e.g. I21) for the clinical mention.",
        "Match the phrase with its category; the possible categories are in the input.",
        "What is the correct ICD-10 category here? It is among those listed.",
        "Disambiguate the coding: answer with exactly one of the codes shown.",
        "right code pls, from the list",
        "Determine which listed code covers the described condition, visit or accident.",
        "Take the phrase and the options, and reply with the code to be billed.",
        "Coding quiz. Answer with the letter-and-two-digits code that is right.",
        "Candidates are given before or after the text. Output the fitting candidate.",
        "Would you use the first, second, third or fourth code? Write the code itself.",
        "Rerank the ICD-10 candidates and give only the top one.",
        "Which of these ICD-10 categories should be assigned? Respond with the code.",
    ),
    "medical_in_named_chapter": (
        "Does the phrase belong to the ICD-10 chapter named with it? Answer yes or no.",
        "The input names an ICD-10 chapter and a clinical phrase. Say yes if they fit, else no.",
        "yes or no: is this diagnosis in that chapter",
        "You are a coder. Check whether the condition is coded in the given chapter: yes/no.",
        "Verify the chapter assignment. Reply yes when it is right and no when it is wrong.",
        "Is the stated chapter the correct one for the diagnosis? One word, yes or no.",
        "Judge if phrase and ICD-10 chapter match. Labels: yes, no.",
        "Would the phrase be found in the chapter mentioned? (yes/no)",
        "Answer yes if the note's ICD-10 code lies within the chapter shown, otherwise no.",
        "Proofread chapter labels: yes for correct, no for incorrect.",
        "A colleague sorted this phrase into a chapter. Was that right? yes or no",
        "Decide: is the clinical mention part of the ICD-10 chapter listed? Lowercase yes or no.",
        "Compare the chapter and the complaint. If the chapter covers it output yes, if not no.",
        "Quality control for coding. Does the chapter fit the text? yes / no only.",
        "Tell me with yes or no if the chapter is right.",
        "Look at both lines. Do they go together under ICD-10? Answer yes or no.",
        "Given a pair of chapter and phrase, classify the pair as yes (belongs) or no.",
        "Check membership in an ICD-10 chapter; output yes or no.",
        "Is it correct to file this under that chapter? Please only yes or no.",
        "The chapter may be given by number, title or range. Does the phrase fall in it? yes/no",
        "Respond yes if the condition is classified there by ICD-10; respond no otherwise.",
        "Pairs of chapter + phrase: true membership is yes, false membership is no.",
        "match or not? yes / no",
        "State whether the diagnosis belongs to the indicated ICD-10 chapter (yes, no).",
        "Does ICD-10 put this where the input says? Answer with one word: yes or no.",
        "Validate: phrase in chapter? yes or no",
        "Say yes only if the chapter shown is where this would be coded; else say no.",
        "For each entry confirm (yes) or reject (no) the proposed ICD-10 chapter.",
        "Could the phrase be coded inside the chapter given? Output: yes or no.",
        "Here is a chapter heading and a short note. Is the note's code within it? yes/no",
    ),
    "medical_ward": (
        "Which specialty covers the diagnosis: cardiology, pulmonology, gastroenterology, "
        "neurology, psychiatry, dermatology, urology/gynaecology or oncology?",
        "Route the phrase to a department.",
        "Say which department the case belongs to by its ICD-10 chapter.",
        "Label with one of cardiology, pulmonology, gastroenterology, neurology, psychiatry, "
        "dermatology, urology/gynaecology, oncology.",
        "Which ward? Answer with the specialty in lower case.",
        "You work at a referral desk. Send the patient to the right specialty and name it.",
        "Map the condition to the medical specialty responsible. Any tumour goes to oncology.",
        "specialty for this dx",
        "Classify the clinical note by specialty (oncology for all neoplasms, "
        "urology/gynaecology for genitourinary disease).",
        "Name the specialty: heart and vessels = cardiology, lungs and airways = pulmonology, "
        "gut, liver and teeth = gastroenterology, nerves and brain = neurology, mind = psychiatry, "
        "skin = dermatology, kidneys and genitals = urology/gynaecology, tumours = oncology.",
        "Who should see this patient? Give the specialty.",
        "Give the department name only, e.g. neurology.",
        "Triage the referral letter to one of eight specialties.",
        "Decide on the clinic for the problem described, for example dermatology.",
        "What kind of specialist deals with it? cardiology, pulmonology, gastroenterology, "
        "neurology, psychiatry, dermatology, urology/gynaecology, oncology",
        "Output the specialty that matches the chapter of the disease.",
        "For each phrase write the hospital department.",
        "Assign a department to the diagnosis; one lowercase word or urology/gynaecology.",
        "Read the problem and choose the fitting clinic.",
        "referral to which department",
        "As the admissions clerk, pick the department for the case.",
        "The eight choices are cardiology, pulmonology, gastroenterology, neurology, psychiatry, "
        "dermatology, urology/gynaecology and oncology. Choose for the mention given.",
        "Predict the responsible medical discipline.",
        "Identify the service line for the diagnosis, answering with its name.",
        "Which specialty's ICD-10 chapter holds this condition? Answer e.g. psychiatry.",
        "Sort diagnoses among departments of a hospital.",
        "Please tell the specialty for the following short description.",
        "Department?",
        "Return the label of the department, no other words.",
        "A patient was noted with the following. Say the specialty to consult.",
    ),
    "medical_eye_ear_skin_bone": (
        "Is the condition of the eye, ear, skin, or bones and joints?",
        "Label the phrase: eye, ear, skin, bones and joints.",
        "Which part of the body is it about? Choose eye, ear, skin or bones and joints.",
        "Classify the diagnosis by organ: eye / ear / skin / bones and joints.",
        "Answer with eye, ear, skin or bones and joints only.",
        "You are a triage nurse. Say which of eye, ear, skin, bones and joints is affected.",
        "Organ system of the disease? (eye, ear, skin, bones and joints)",
        "Four classes: eye (H00-H59), ear (H60-H95), skin (L), bones and joints (M). Pick one.",
        "eye ear skin or bones and joints?",
        "Tell whether the problem is ophthalmic (eye), otologic (ear), dermatologic (skin) or "
        "musculoskeletal (bones and joints).",
        "Determine the site of the disease. Write one of: eye; ear; skin; bones and joints.",
        "Read the note and name the part: eye, ear, skin, or bones and joints.",
        "Sort short clinical phrases into eye, ear, skin, bones and joints.",
        "Which chapter in plain words - eye, ear, skin, or bones and joints?",
        "Output 'eye' for eye disease, 'ear' for ear disease, 'skin' for skin disease and 'bones "
        "and joints' for muscles, bones, joints and spine.",
        "Decide which of the four: skin, bones and joints, ear, eye.",
        "Where is the trouble? eye, ear, skin, bones and joints. No other words.",
        "Give the body part label (eye|ear|skin|bones and joints).",
        "Assign each complaint to eye, ear, skin or bones and joints.",
        "The patients have diseases of eye, ear, skin, or bones and joints. Which is it here?",
        "Simple grouping of diagnoses. Groups: eye, ear, skin, bones and joints.",
        "Choose the right group for the diagnosis among bones and joints, eye, ear and skin.",
        "Say eye, ear, skin or bones and joints according to the ICD-10 chapter of the phrase.",
        "pick: eye, ear, skin, bones and joints",
        "What does the doctor's shorthand concern: eye, ear, skin, bones and joints?",
        "Please classify. Allowed answers are eye, ear, skin, bones and joints.",
        "Use general medical knowledge to put the phrase in eye, ear, skin or bones and joints.",
        "Body system of the mention, out of eye, ear, skin and bones and joints.",
        "Return exactly one label from [eye, ear, skin, bones and joints].",
        "Into which drawer goes this record: eye, ear, skin, bones and joints?",
    ),
}  # fmt: skip


def _worded(said: _Said) -> tuple[str, ...]:
    framed = tuple(
        frame.replace("{t}", said.things[place % len(said.things)]).replace(
            # Another step than the things', so that the pairs differ.
            "{a}",
            said.answers[place // 2 % len(said.answers)],
        )
        for place, frame in enumerate(_FRAMES)
    )
    return (*said.own, *framed)


def wordings_of_membership(chapter: Chapter) -> tuple[str, ...]:
    """Thirty ways to ask whether a phrase belongs to the chapter."""
    name = chapter.title[0].lower() + chapter.title[1:]
    belongs = (
        f"belong to ICD-10 chapter {chapter.roman} ({name})",
        f"fall under {name} in ICD-10",
        f"belong to the chapter {chapter.codes}, {name}",
    )
    framed = tuple(
        frame.replace("{b}", belongs[place % len(belongs)])
        for place, frame in enumerate(_YES_NO_FRAMES)
    )
    own = (
        f"Is the ICD-10 code of this in {chapter.codes}? yes or no",
        f"Chapter {chapter.roman} or not? Answer yes or no.",
        f"Detect {name}: yes or no.",
        f"Output yes for anything coded {chapter.codes} and no for all other codes.",
        f"yes if chapter {chapter.roman}, else no",
        f"Tell apart {name} (yes) from every other ICD-10 chapter (no).",
        f"You are given clinical phrases. Which are coded in {chapter.codes}? Say yes or no each.",
        f"Does ICD-10 classify this among {name}? Write yes or no.",
    )
    return (*own, *framed)


WORDINGS = {name: _worded(said) for name, said in _SAID.items()} | _OWN
