"""Descriptions written for each research task."""

from __future__ import annotations

OWN: dict[str, tuple[str, ...]] = {
    "research_facts_yes_no": (
        "Given the facts, is the answer to the question yes or no?",
        "Combine the facts and decide the question. yes or no only.",
        "You get some facts and a question that needs more than one of them. Reason silently and "
        "reply yes or no.",
        "Facts come first, then a question. Say yes if the facts imply it, no if they speak "
        "against it.",
        "yes/no QA with evidence",
    ),
    "research_facts_true_false": (
        "Treat the question as a statement. In the light of the facts, is it true or false?",
        "true or false, going by the facts?",
        "Write true when the facts lead to a yes, false when they lead to a no.",
    ),
    "research_facts_or_unknown": (
        "Answer yes or no from the facts; if a fact is missing that you would need, say unknown.",
        "yes, no, or unknown when the listed facts do not settle it?",
        "Rely on the facts alone. When they leave the question open, the answer is unknown.",
    ),
    "research_facts_enough": (
        "Do the facts settle the question? Answer sufficient or insufficient.",
        "Is the evidence complete? sufficient / insufficient",
        "You need not answer the question. Say only whether the facts are sufficient or "
        "insufficient to do so.",
    ),
    "research_plan_valid": (
        "Each sub-question may refer to earlier ones as #1, #2, ... Answer invalid if one refers "
        "to itself or a later one, valid otherwise.",
        "Check the plan: every #n must point to a step before it. valid or invalid?",
        "Sub-questions are separated by semicolons. Are the # references in order (valid) or not "
        "(invalid)?",
    ),
    "research_claim": (
        "Does the abstract back the claim (supported), go against it (refuted) or leave it open "
        "(not enough info)?",
        "Fact-check the claim against the abstract: supported, refuted, not enough info.",
        "Scientific claim verification. Use nothing but the abstract.",
    ),
    "research_claim_true": (
        "According to the abstract, is the claim true, false, or is it that one cannot say?",
        "true / false / cannot say?",
        "Verify the claim with the abstract. Answer cannot say when its outcome is not reported.",
    ),
    "research_study_type": (
        "What kind of study is described? One of: randomized controlled trial, cohort study, "
        "case-control study, systematic review, case report, cross-sectional survey, animal "
        "experiment, in vitro experiment.",
        "Name the study design.",
        "Evidence grading: identify the study type from the text.",
    ),
    "research_abstract_role": (
        "Is the sentence background, objective, methods, results or conclusion?",
        "Which section of a structured abstract does the sentence belong to?",
        "section label: background/objective/methods/results/conclusion",
    ),
    "research_trial_or_observational": (
        "Did the researchers assign the treatment by chance (trial) or only observe "
        "(observational)?",
        "trial or observational?",
        "Decide whether the passage describes a randomized trial or an observational study. Say "
        "trial or observational.",
    ),
}

STEPS_VERBS = (
    "break the question into sub-questions that lead to its answer",
    "decompose the yes/no question into simpler questions",
    "write down the questions one has to look up, in order, to answer the given one",
    "plan how to answer the question as a chain of small questions",
    "split this multi-hop question into its steps",
    "list the intermediate questions, the last of which settles the original one",
    "turn the research question into two to four sub-questions",
    "rewrite the hard question as a sequence of easy ones",
)
STEPS_DETAILS = (
    'Separate the sub-questions with " ; ".',
    'Join them with " ; " and use #1, #2 for the answers of earlier steps.',
    "Use #n to refer to the answer of step n; put a semicolon with spaces between the steps.",
    "Everything goes on one line, steps divided by ' ; '; earlier answers are #1, #2, ...",
    'The output looks like "first question? ; second question? ; Is #1 greater than #2?".',
    "Do not answer the question itself. Steps are separated by ' ; '.",
)
NUMBERED_VERBS = (
    "break the question down into a numbered list of sub-questions",
    "decompose the question, one sub-question per line with its number",
    "number the simpler questions that must be answered first",
    "write a numbered search plan for this question",
    "give the steps to answer the question as a numbered list",
    "turn the question into a list 1., 2., 3. of easier questions",
)
NUMBERED_DETAILS = (
    "Each line starts with its number and a dot.",
    "Refer to earlier answers as #1, #2.",
    "One step per line, like '1. How tall is the tower?'.",
    "Do not answer anything, only list the steps.",
    "The last line decides the original question with the help of #1, #2, ...",
    "Number the lines 1., 2., 3.",
)
FIRST_STEP_VERBS = (
    "say what one should look up first to answer the question",
    "write the first sub-question that has to be answered",
    "give only the first step of a decomposition of the question",
    "name the question that a researcher would start with",
    "state the first thing to find out, as a question",
    "formulate the opening search question for this problem",
)
FIRST_STEP_DETAILS = (
    "One question only.",
    "Give a single question that ends with a question mark.",
    "Do not answer it.",
    "Later steps are not needed.",
    "Just the first sub-question, nothing else.",
    "The original question is of the yes/no kind and needs several steps.",
)
