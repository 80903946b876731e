"""The drawn finance tasks: right, varied, repeatable."""

import json
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from hypernet.training.generators.common import GeneratedTask
from hypernet.training.generators.finance import tables as finance_tables
from hypernet.training.generators.finance import tasks as finance

TASKS = {task.name: task for task in finance.tasks()}
RECIPE = Path(__file__).parents[3] / "recipes" / "wordings" / "finance.jsonl"
UNDER_TEST = pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))
CHECKED = 300
YEAR = re.compile(r"\b(?:20\d\d|FY\d\d)\b")


def drawn(task: GeneratedTask, seed: int = 7) -> list[tuple[str, str]]:
    rng = random.Random(seed)  # noqa: S311
    return [tuple(task.draw(rng)) for _ in range(CHECKED)]


def parsed(text: str) -> tuple[list[str], dict[str, list[str]], str]:
    """The years, the cells of every row and the question, read back from the text."""
    table, question = text.removeprefix("Table:\n").split("\nQuestion: ")
    years: list[str] = []
    rows: dict[str, list[str]] = {}
    for line in table.split("\n"):
        label, *cells = line.split(" | ")
        found = [YEAR.search(cell) for cell in cells]
        if not years and sum(one is not None for one in found) >= 2:
            years = [one[0] for one in found if one]
        elif years and any(re.search(r"\d", cell) for cell in cells):
            rows[re.sub(r"\(1\)$| \(a\)$|1$", "", label)] = cells
    return years, rows, question


def number(cell: str) -> float:
    """A printed figure as a number."""
    figure = re.sub(r"[^\d.]", "", cell)
    return (-1 if "(" in cell else 1) * float(figure) if figure else 0.0


def row_asked(rows: dict[str, list[str]], question: str) -> str:
    """The longest row name in the question."""
    names = [name for name in rows if name and name.lower() in question.lower()]
    return max(names, key=len)


@UNDER_TEST
def test_lengths_stay_in_bounds_and_nothing_is_left_to_fill(task: GeneratedTask):
    for text, answer in drawn(task):
        assert len(text) <= 900
        assert 0 < len(answer) <= 300
        assert not re.search(r"[<>{}«»]", text)


@pytest.mark.parametrize("task", [task for task in TASKS.values() if task.labels])
def test_answers_are_labels_and_balanced(task: GeneratedTask):
    rng = random.Random(3)  # noqa: S311
    counts = Counter(task.draw(rng).output for _ in range(100 * len(task.labels)))
    assert set(counts) == set(task.labels)
    assert min(counts.values()) > 60
    assert max(counts.values()) < 145


def test_every_sentiment_has_sixty_phrases_over_all_topics():
    for phrases in finance.TWEETS.values():
        assert len(phrases) >= 60
        assert {phrase.topic for phrase in phrases} == set(finance.TOPICS)


def test_plain_words_of_direction_agree_with_the_sentiment():
    signs = {
        "positive": r"beats|upgrade[sd] |tops|soars|record highs|Outperform|wins",
        "negative": r"misses|downgrade[sd] |plunges|craters|bankruptcy|lays? off|defaults",
    }
    for text, answer in drawn(TASKS["finance_tweet_sentiment"]):
        for sentiment, words in signs.items():
            if re.search(words, text) and "expect" not in text:
                assert answer == sentiment, text


def test_tweets_of_all_sentiments_are_of_like_length():
    by_label: dict[str, list[int]] = {}
    for text, answer in drawn(TASKS["finance_tweet_sentiment"]):
        by_label.setdefault(answer, []).append(len(text))
    means = [sum(lengths) / len(lengths) for lengths in by_label.values()]
    assert max(means) / min(means) < 1.25


def test_the_figure_stands_in_the_row_and_column_asked_for():
    for text, answer in drawn(TASKS["finance_table_figure"]):
        years, rows, question = parsed(text)
        cells = rows[row_asked(rows, question)]
        if "percentage change" in question:
            was, now = number(cells[1]), number(cells[0])
            assert abs(number(answer) - (now / was - 1) * 100) < 0.11
        else:
            column = next(place for place, year in enumerate(years) if year in question)
            assert cells[column] == answer


def test_the_year_is_that_of_the_larger_or_smaller_figure():
    for text, answer in drawn(TASKS["finance_table_year"]):
        years, rows, question = parsed(text)
        values = [number(cell) for cell in rows[row_asked(rows, question)][: len(years)]]
        small = re.search(r"smaller|smallest|lower|lowest|less than", question)
        wanted = min(values) if small else max(values)
        assert years[values.index(wanted)] == answer
        if bound := re.search(r"less than ([\d,.]+)\?", question):
            assert min(values) < number(bound[1]) < max(values)


def test_the_label_is_that_of_the_extreme_row():
    for text, answer in drawn(TASKS["finance_table_label"]):
        years, rows, question = parsed(text)
        column = next(place for place, year in enumerate(years) if year in question)
        values = {
            name: number(cells[column])
            for name, cells in rows.items()
            if name and not name.startswith("Total")
        }
        pick = min if re.search("smallest|lowest", question) else max
        assert pick(values, key=values.__getitem__) == answer


def test_the_row_json_parses_to_the_cells_of_the_row():
    for text, answer in drawn(TASKS["finance_table_row_json"]):
        years, rows, question = parsed(text)
        found = json.loads(answer)
        assert list(found.values()) == rows[row_asked(rows, question)][: len(years)]


def test_the_last_row_is_the_sum_of_the_others():
    rng = random.Random(2)  # noqa: S311
    for _ in range(CHECKED):
        table = finance_tables.draw_table(rng)
        if table.total:
            for place, total in enumerate(table.total.cells[: len(table.years)]):
                cells = [row.cells[place] for row in table.rows]
                assert abs(number(total) - sum(number(cell) for cell in cells)) < 0.01


@pytest.mark.parametrize("name", ["finance_passage_span", "finance_passage_amount"])
def test_the_answer_stands_once_in_the_passage(name: str):
    for text, answer in drawn(TASKS[name]):
        passage, question = text.split("\nQuestion: ")
        assert answer.lower() in passage.lower()
        assert question.endswith("?")


def test_every_figure_of_a_bullet_stands_in_the_sentence():
    for text, answer in drawn(TASKS["finance_earnings_bullet"]):
        assert answer == answer.lower()
        figures = re.findall(r"\d[\d,.]*\d|\d", re.sub(r"\bq\d\b", "", answer))
        assert all(figure in text for figure in figures), (text, answer)
        for quarter in re.findall(r"\bq(\d)\b", answer):
            assert ("first", "second", "third", "fourth")[int(quarter) - 1] in text


def test_earnings_json_parses_and_its_value_stands_in_the_sentence():
    for text, answer in drawn(TASKS["finance_earnings_json"]):
        found = json.loads(answer)
        assert list(found) == ["period", "metric", "value"]
        assert found["value"] in text.replace(" [Phonetic]", "")


def test_the_trend_agrees_with_the_verbs_of_the_sentence():
    falls = r"declin|decreas|fell|contract|reduc|lower|cut|down|linked"
    rises = r"increas|grew|rose|expand|improv|rais|growth|was up|up "
    for text, answer in drawn(TASKS["finance_earnings_trend"]):
        assert re.search(rises if answer == "up" else falls, text), text


def test_recipe_has_thirty_wordings_for_every_development_task():
    rows = [json.loads(line) for line in RECIPE.read_text(encoding="utf-8").splitlines()]
    assert {row["task"] for row in rows} == {
        "earnings_bullet_summary",
        "tatqa_span_qa",
        "tatqa_table_lookup",
        "tweet_sentiment_tfns",
    }
    for row in rows:
        assert len(set(row["descriptions"])) == len(row["descriptions"]) == 30
