"""The agent's tasks: what each is for, and solved examples as a person would write them.

The packages in the examples are made up. What is asked again and again, and has one right answer,
is saved by a name: the server measures on held-out examples what serves the task best, and keeps
that. Of the others it trains weights on the examples for some seconds when the task first comes:
how good a sentence is cannot be measured letter by letter, and which of two versions is the newer
one was learned in none of five ways that were tried.
"""

from __future__ import annotations

from dataclasses import dataclass

AREAS = ("web", "data validation", "command line", "machine learning", "testing")


@dataclass(frozen=True)
class TaskSpec:
    """The arguments of `save_task`, or without a name those of `set_task`."""

    text: str
    labels: tuple[str, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()
    name: str | None = None

    @property
    def as_sent(self) -> list[dict[str, str]]:
        """The examples as the tools take them."""
        return [{"input": given, "output": output} for given, output in self.examples]


AREA = TaskSpec(
    "You are given the description of a software package. Say what it is for.",
    labels=AREAS,
    examples=(
        ("quillnet: An HTTP client with sessions, retries and connection pools.", "web"),
        ("brambleserve: A small server for ASGI applications, with HTTP/2.", "web"),
        ("tidegate: Routes requests and renders pages; a framework for websites.", "web"),
        ("hushfetch: Sends GET and POST requests the easy way, with proxies and TLS.", "web"),
        ("formguard: Checks that records have the declared fields and types.", "data validation"),
        (
            "claspmodel: Parses input into typed classes and reports faults.",
            "data validation",
        ),
        ("shapeward: Holds JSON documents against a schema.", "data validation"),
        (
            "sievekit: Rules for values in configuration files, with clear errors.",
            "data validation",
        ),
        ("promptery: Build commands with options and help pages from functions.", "command line"),
        ("argloom: Parses flags and subcommands; completion for the shell.", "command line"),
        ("termite: Write terminal tools whose arguments come from type hints.", "command line"),
        ("tensorella: Train neural networks on GPUs with automatic gradients.", "machine learning"),
        (
            "forestry: Classifiers, regression and clustering for tables of data.",
            "machine learning",
        ),
        ("weftnet: Load pretrained language models and fine-tune them.", "machine learning"),
        ("probator: Finds and runs test functions, with fixtures and plugins.", "testing"),
        ("mockingjay: Replaces parts of a program while its unit tests run.", "testing"),
        ("casebook: Generates inputs that break the properties you assert.", "testing"),
    ),
    name="intel-area",
)
LICENCE = TaskSpec(
    "Is this licence a permissive one, such as MIT, BSD or Apache? Answer yes or no.",
    labels=("yes", "no"),
    examples=(
        ("Licence: MIT", "yes"),
        ("Licence: GPL-3.0-only", "no"),
        ("Licence: BSD-2-Clause", "yes"),
        ("Licence: AGPL-3.0-or-later", "no"),
        ("Licence: Apache License 2.0", "yes"),
        ("Licence: GNU General Public License v2", "no"),
        ("Licence: ISC", "yes"),
        ("Licence: Proprietary", "no"),
        ("Licence: MIT License", "yes"),
        ("Licence: LGPL-2.1-only", "no"),
        ("Licence: BSD License", "yes"),
        ("Licence: GPL-2.0-or-later", "no"),
        ("Licence: Apache-2.0 OR BSD-3-Clause", "yes"),
        ("Licence: All rights reserved", "no"),
        ("Licence: BSD-3-Clause", "yes"),
        ("Licence: EUPL-1.2", "no"),
    ),
    name="intel-licence",
)
OLDEST_PYTHON = TaskSpec(
    "Extract the oldest Python version that is supported.",
    examples=(
        ("Package: alpha 2.1\nRequires Python: >=3.8", "3.8"),
        ("Package: beta 0.4.12\nRequires Python: >=3.12", "3.12"),
        ("Package: gamma-ray 11.0.3\nRequires Python: >=3.10", "3.10"),
        ("Package: deltoid 1.0\nRequires Python: >=3.9,<4", "3.9"),
        ("Package: epsilon 3.7.2\nRequires Python: >=3.11", "3.11"),
        ("Package: zetapy 2.16\nRequires Python: <4,>=3.7", "3.7"),
        ("Package: etaform 8.3\nRequires Python: >=3.10,<3.15", "3.10"),
        ("Package: thetalib 0.0.9\nRequires Python: >=3.13", "3.13"),
        ("Package: iotas 5.5.5\nRequires Python: >=3.6", "3.6"),
        ("Package: kappa 9.1\nRequires Python: >=3.9", "3.9"),
        ("Package: lambdas 4.12.3\nRequires Python: >=3.8,!=3.9.0", "3.8"),
        ("Package: mudflat 1.11.1\nRequires Python: >=3.11,<4.0", "3.11"),
    ),
    name="intel-python",
)
MATURITY = TaskSpec(
    "How mature is the product: alpha, beta or stable?",
    labels=("alpha", "beta", "stable"),
    examples=(
        ("alpha-tool 0.1\nDevelopment status: 3 - Alpha", "alpha"),
        ("corvid 0.9\nDevelopment status: 4 - Beta", "beta"),
        ("larkspur 2.0\nDevelopment status: 5 - Production/Stable", "stable"),
        ("mossy 0.0.2\nDevelopment status: 2 - Pre-Alpha", "alpha"),
        ("betatron 7.1\nDevelopment status: 5 - Production/Stable", "stable"),
        ("nettle 1.4\nDevelopment status: 4 - Beta", "beta"),
        ("old-oak 12.0\nDevelopment status: 6 - Mature", "stable"),
        ("sprout 0.1.0\nDevelopment status: 1 - Planning", "alpha"),
        ("tansy 3.3.1\nDevelopment status: 3 - Alpha", "alpha"),
        ("umber 0.12\nDevelopment status: 5 - Production/Stable", "stable"),
        ("vetch 2.2\nDevelopment status: 4 - Beta", "beta"),
        ("willow 5.0\nDevelopment status: 6 - Mature", "stable"),
    ),
    name="intel-maturity",
)
NEWER_PYTHON = TaskSpec(
    "Which of the two packages needs the newer Python? Answer with its name.",
    examples=(
        ("corvid requires Python >=3.8\nlarkspur requires Python >=3.10", "larkspur"),
        ("nettle requires Python >=3.12\nmossy requires Python >=3.9", "nettle"),
        ("tansy requires Python >=3.9\number requires Python >=3.11", "umber"),
        ("vetch requires Python >=3.10\nwillow requires Python >=3.9", "vetch"),
        ("sprout requires Python >=3.7\nold-oak requires Python >=3.8", "old-oak"),
        ("quillnet requires Python >=3.11\nhushfetch requires Python >=3.10", "quillnet"),
        ("argloom requires Python >=3.9\ntermite requires Python >=3.10", "termite"),
        ("weftnet requires Python >=3.10\nforestry requires Python >=3.8", "weftnet"),
        ("probator requires Python >=3.9\ncasebook requires Python >=3.12", "casebook"),
        ("shapeward requires Python >=3.13\nsievekit requires Python >=3.11", "shapeward"),
        ("tidegate requires Python >=3.10\nclasp requires Python >=3.12", "clasp"),
        ("formguard requires Python >=3.9\npromptery requires Python >=3.7", "formguard"),
        ("bramble requires Python >=3.8\nhazel requires Python >=3.9", "hazel"),
        ("linden requires Python >=3.10\nrowan requires Python >=3.8", "linden"),
        ("sorrel requires Python >=3.9\nyarrow requires Python >=3.10", "yarrow"),
        ("aster requires Python >=3.11\nclover requires Python >=3.9", "aster"),
    ),
)
MORE_DEPENDENCIES = TaskSpec(
    "Which of the two packages depends on more packages? Answer with its name.",
    examples=(
        ("corvid depends on 2 packages: a, b\nlarkspur depends on 5 packages: c, d, e", "larkspur"),
        ("nettle depends on 7 packages: a, b, c\nmossy depends on 1 packages: d", "nettle"),
        ("tansy depends on 0 packages: \number depends on 3 packages: a, b, c", "umber"),
        ("vetch depends on 12 packages: a, b\nwillow depends on 9 packages: c, d", "vetch"),
        ("sprout depends on 1 packages: a\nold-oak depends on 2 packages: b, c", "old-oak"),
        ("quillnet depends on 6 packages: a, b\nhushfetch depends on 4 packages: c", "quillnet"),
        ("argloom depends on 3 packages: a, b\ntermite depends on 8 packages: c", "termite"),
        ("weftnet depends on 10 packages: a\nforestry depends on 2 packages: b, c", "weftnet"),
    ),
)
ASK = TaskSpec(
    "Answer the question from the notes, in a short sentence.",
    examples=tuple(
        (f"{notes}\n\nWhat is {notes.partition(':')[0]} for?", answer)
        for notes, answer in (
            (
                "quillnet: HTTP for people. Quillnet is a client with sessions, retries, proxies.",
                "Quillnet is for HTTP with sessions, retries and proxies.",
            ),
            (
                "formguard: Formguard checks that records have the declared fields and types.",
                "Formguard is for checking the fields and types of records.",
            ),
            (
                "argloom: Command lines woven. Argloom parses flags and subcommands.",
                "Argloom is for parsing flags and subcommands.",
            ),
            (
                "forestry: Learn from tables. Classifiers, regression and clustering for tables.",
                "Forestry is for classifiers, regression and clustering on tables.",
            ),
            (
                "probator: Probator finds and runs test functions, with fixtures and plugins.",
                "Probator is for finding and running tests.",
            ),
            (
                "tidegate: The calm framework. Routes requests and renders pages for websites.",
                "Tidegate is for websites: it routes requests and renders pages.",
            ),
            (
                "weftnet: Models at hand. Weftnet loads pretrained language models and fine-tunes.",
                "Weftnet is for loading and fine-tuning language models.",
            ),
            (
                "mockingjay: Mockingjay replaces parts of a program while its unit tests run.",
                "Mockingjay is for replacing parts of a program in unit tests.",
            ),
            (
                "brambleserve: A small and fast server for ASGI applications, with HTTP/2.",
                "Brambleserve is for serving ASGI applications.",
            ),
            (
                "sievekit: Rules for values in configuration files, with clear errors.",
                "Sievekit is for checking values in configuration files.",
            ),
        )
    ),
)
SUMMARY = TaskSpec(
    "Summarise the description in one short sentence.",
    examples=(
        (
            "quillnet: HTTP for people. Quillnet is a client with sessions, retries, proxies and "
            "connection pools. Install it with pip and read the documentation.",
            "Quillnet is an HTTP client with sessions, retries and connection pools.",
        ),
        (
            "formguard: Records you can trust. Formguard checks that records have the declared "
            "fields and types, and says what is wrong. It needs no code generation.",
            "Formguard checks that records have the declared fields and types.",
        ),
        (
            "argloom: Command lines woven. Argloom parses flags and subcommands and completes them "
            "in the shell. See the examples folder. Licensed under MIT.",
            "Argloom parses the flags and subcommands of command lines.",
        ),
        (
            "forestry: Learn from tables. Forestry has classifiers, regression and clustering for "
            "tables of data, in pure Python. Bug reports are welcome.",
            "Forestry has classifiers, regression and clustering for tables of data.",
        ),
        (
            "probator: Tests without ceremony. Probator finds and runs test functions, with "
            "fixtures and plugins. Changelog: see the website.",
            "Probator finds and runs test functions, with fixtures and plugins.",
        ),
        (
            "tidegate: The calm framework. Tidegate routes requests and renders pages for websites "
            "of any size. Sponsors: none so far. Quickstart below.",
            "Tidegate is a framework for websites that routes requests and renders pages.",
        ),
        (
            "weftnet: Models at hand. Weftnet loads pretrained language models and fine-tunes them "
            "on your texts. Supported platforms: Linux and macOS.",
            "Weftnet loads pretrained language models and fine-tunes them.",
        ),
        (
            "mockingjay: Stand-ins. Mockingjay replaces parts of a program while its unit tests "
            "run, and puts them back afterwards. It is used in production.",
            "Mockingjay replaces parts of a program while its unit tests run.",
        ),
    ),
)
