"""Documents as files: PDFs drawn by matplotlib, pages, mails, and the text of scans."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from pathlib import Path

    from examples.docparse.papers.making import Paper

PAGE = (8.27, 11.69)
LEFT, RIGHT, TOP, LINE = 0.1, 0.62, 0.93, 0.026
SENT_AFTER = 2
"""Days from the document's own date to that of the mail, which is another one."""


def write_papers(papers: list[Paper], folder: Path) -> None:
    """Write each document as a file of its kind below a folder that is there."""
    for paper in papers:
        file = folder / paper.name
        match paper.layout.form:
            case "pdf":
                _draw(paper.text, file)
            case "mail":
                file.write_bytes(_mail(paper))
            case "html" | "scan":
                file.write_text(paper.text, encoding="utf-8")


def _draw(text: str, file: Path) -> None:
    figure = Figure(figsize=PAGE)
    for number, line in enumerate(text.split("\n")):
        for x, part in zip((LEFT, RIGHT), line.split(" || "), strict=False):
            y = TOP - LINE * number
            figure.text(x, y, part.strip(), fontsize=10, parse_math=False)
    # Letters that can be copied out again, and no date, so that the same seed gives the same bytes.
    with mpl.rc_context({"pdf.fonttype": 42}):
        figure.savefig(file, metadata={"CreationDate": None})


def _mail(paper: Paper) -> bytes:
    mail = EmailMessage()
    mail["From"] = "billing@example.com"
    mail["To"] = "office@example.org"
    mail["Subject"] = paper.subject
    day = date.fromisoformat(paper.facts["date"].value) + timedelta(days=SENT_AFTER)
    mail["Date"] = format_datetime(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))
    mail.set_content(paper.text)
    return mail.as_bytes()
