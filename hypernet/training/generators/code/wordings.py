"""Descriptions written for each code task."""

from __future__ import annotations

OWN: dict[str, tuple[str, ...]] = {
    "code_java_bug_class": (
        "There is exactly one bug in this Java code. Is it a syntax, reference or logic bug?",
        "Name the category of the bug in the Java class: syntax, reference, logic.",
        "java bug -> syntax / reference / logic",
        "You are a senior Java developer who triages bugs. syntax: the compiler cannot parse it. "
        "reference: undefined names, wrong methods, indexes out of range. logic: it runs but the "
        "answer is wrong. Reply with the category.",
        "Find the mistake in the Java code and say of which type it is (syntax, reference, logic).",
    ),
    "code_python_bug_class": (
        "One thing is wrong with this Python function. Is it a matter of syntax, reference or "
        "logic?",
        "Python bug triage: syntax if it does not parse, reference if a name, method or index is "
        "wrong, logic if the result is wrong.",
        "What type of bug does the Python snippet contain: syntax, reference, logic?",
    ),
    "code_javascript_bug_class": (
        "One bug was put into this JavaScript function. Which kind: syntax, reference, logic?",
        "js bug type? syntax/reference/logic",
        "Classify the error in the JavaScript code: SyntaxError style (syntax), unknown names or "
        "methods (reference), or wrong outcome (logic).",
    ),
    "code_java_is_buggy": (
        "Is this Java method right, or is there a bug? Answer correct or buggy.",
        "Would this Java code compile and do its job? If so say correct, else buggy.",
        "review the java code: buggy or correct",
        "Check the Java solution for syntax errors, bad references and wrong logic. One word: "
        "buggy or correct.",
        "You are a code reviewer. Some Java submissions have a bug planted in them. Say buggy for "
        "those and correct for the others.",
    ),
    "code_python_is_buggy": (
        "Does the Python function contain a mistake? buggy / correct",
        "Say buggy if the Python code fails or gives wrong results, correct otherwise.",
        "Is the Python code fine? Answer correct when it is and buggy when it is not.",
    ),
    "code_javascript_is_buggy": (
        "Does the JavaScript function contain a mistake? buggy / correct",
        "Say buggy if the JS code has an error of any kind, correct otherwise.",
        "Proofread the JavaScript. Answer with buggy or correct.",
    ),
    "code_bug_effect": (
        "What would happen with this broken function: does not parse, unknown name or index, or "
        "wrong result?",
        "The function has one defect. Name its effect (does not parse / unknown name or index / "
        "wrong result).",
        "Diagnose: does not parse, unknown name or index, wrong result.",
    ),
    "code_java_bug_or_none": (
        "Is there a bug in the Java code, and of which kind? syntax, reference, logic or none",
        "Classify the Java class as none when it is right, else by its bug: syntax, reference or "
        "logic.",
        "bug kind (none if clean): syntax, reference, logic, none",
    ),
    "code_review_verdict": (
        "Approve or reject this function?",
        "You review pull requests. Reject functions with a bug, approve those without.",
        "approve if the code is right, reject if not",
    ),
    "code_parses": (
        "Is this code free of syntax errors? yes or no. Wrong names or results do not matter.",
        "Would a parser accept the code? Answer yes or no.",
        "Answer yes if the snippet parses, no if it has a syntax error. Other bugs do not count.",
        "syntactically valid? yes/no",
    ),
    "code_review_comment_class": (
        "What does the reviewer comment on: discuss, documentation, false positive, function or "
        "refactoring?",
        "Sort review comments: questions of design are discuss, remarks on comments and docs are "
        "documentation, comments that need no change are false positive, defects are function, "
        "clean-up wishes are refactoring.",
        "review comment type: discuss/documentation/false positive/function/refactoring",
        "A developer left this comment on a patch. Which kind is it? discuss, documentation, false "
        "positive, function, refactoring",
        "Categorise the code review remark as discuss, documentation, false positive, function or "
        "refactoring.",
    ),
    "code_review_is_defect": (
        "Does the reviewer report a defect in what the code does? yes or no",
        "Answer yes if the comment says that the code behaves wrongly; no if it is about style, "
        "docs, questions or nothing.",
        "functional problem? yes/no",
    ),
    "code_review_weight": (
        "Is the comment blocking, a nit, a question or praise?",
        "Label review comments: blocking (must be fixed before merge), nit (optional), question, "
        "praise.",
        "blocking / nit / question / praise",
    ),
    "code_language": (
        "Which programming language is this?",
        "Name the language of the snippet in lower case, for example python or c++.",
        "detect language: java, python, javascript, go, rust, c++, sql, bash, ruby",
        "In what language is the code written?",
    ),
}

LINE_VERBS = (
    "find the line with the bug and quote it",
    "copy the faulty line of the function",
    "point out which line is wrong by repeating it",
    "locate the bug and output the line that contains it",
    "return the buggy line of this code",
    "quote the one line that makes the function fail or give a wrong result",
    "spot the mistake in the code and write down the line it is in",
)
LINE_DETAILS = (
    "Only that line, without its indentation.",
    "Exactly one line of the code is wrong.",
    "Copy it as it stands; do not correct it.",
    "No explanation, just the line.",
    "The answer is the line as it appears in the code, leading spaces removed.",
    "Do not fix anything.",
)
