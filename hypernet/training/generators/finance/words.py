"""Table rows, names and wordings of the finance tasks. Knows nothing of drawing."""

from __future__ import annotations

from typing import NamedTuple


class Theme(NamedTuple):
    """A kind of table: its rows, the row of their sum if they have one, and what it counts."""

    rows: tuple[str, ...]
    total: str
    counts: str


def lines(text: str) -> tuple[str, ...]:
    """The names of a block, apart from each other by semicolons."""
    return tuple(" ".join(part.split()) for part in text.split(";"))


MONEY, SHARES, PERCENT = "money", "shares", "percent"
THEMES: tuple[Theme, ...] = (
    Theme(
        lines(
            "Land; Buildings and improvements; Machinery and equipment; Furniture and "
            "fixtures; Computer software; Leasehold improvements; Vehicles; Construction in "
            "progress; Tooling; Network equipment; Office equipment; Aircraft"
        ),
        "Total property and equipment",
        MONEY,
    ),
    Theme(
        lines(
            "Cash and cash equivalents; Short-term investments; Accounts receivable, net; "
            "Inventories; Prepaid expenses; Contract assets; Income taxes receivable; Other "
            "current assets; Restricted cash; Derivative assets"
        ),
        "Total current assets",
        MONEY,
    ),
    Theme(
        lines(
            "Accounts payable; Accrued compensation and benefits; Deferred revenue; Lease "
            "obligation; Accrued income taxes; Warranty reserve; Current portion of long-term "
            "debt; Dividends payable; Customer deposits; Other accrued liabilities"
        ),
        "Total current liabilities",
        MONEY,
    ),
    Theme(
        lines(
            "Net operating loss carryforwards; Stock-based compensation; Research credits; "
            "Inventory; Accrued expenses; Pensions; Deferred compensation; Foreign tax "
            "credits; Lease liabilities; Capitalized research expenditures; Interest "
            "limitation"
        ),
        "Total deferred tax assets",
        MONEY,
    ),
    Theme(
        lines(
            "United States; Canada; Germany; United Kingdom; Japan; China; France; Rest of "
            "Europe; Latin America; Asia Pacific; Middle East and Africa; Ireland; Australia; "
            "Korea"
        ),
        "Total revenue",
        MONEY,
    ),
    Theme(
        lines(
            "Americas; EMEA; APJ; Products; Services; Subscription; License; Hardware; "
            "Maintenance; Aerospace; Automotive; Industrial; Consumer; Healthcare; Energy; "
            "Power; Distribution"
        ),
        "Total net sales",
        MONEY,
    ),
    Theme(
        lines(
            "Cost of revenue; Research and development; Sales and marketing; General and "
            "administrative; Amortization of intangibles; Restructuring charges; Acquisition "
            "and integration costs; Impairment of goodwill; Wages and salaries; Depreciation "
            "expense; Facilities"
        ),
        "Total operating expenses",
        MONEY,
    ),
    Theme(
        lines(
            "Revenue; Gross profit; Operating income; Interest expense; Income before taxes; "
            "Income tax expense; Net income; EBITDA; Adjusted EBITDA; Free cash flow; Order "
            "intake; Net debt; Finance costs; Profit from continuing operations"
        ),
        "",
        MONEY,
    ),
    Theme(
        lines(
            "Net cash from operating activities; Net cash used in investing activities; Net "
            "cash used in financing activities; Purchases of property and equipment; "
            "Repayment of borrowings; Proceeds from stock options; Dividends paid; Effect of "
            "exchange rates on cash; Acquisitions, net of cash acquired"
        ),
        "",
        MONEY,
    ),
    Theme(
        lines(
            "Discount rate; Expected rate of salary increase; Rate of price inflation; Gross "
            "margin; Expected volatility; Risk-free interest rate; Dividend yield; Effective "
            "tax rate; Operating margin; Expected return on assets; Occupancy rate; Statutory "
            "rate"
        ),
        "",
        PERCENT,
    ),
    Theme(
        lines(
            "Shares granted; Shares vested; Shares forfeited; Options exercised; Options "
            "outstanding; Shares repurchased; Non-vested shares at end of year; Weighted "
            "average shares - basic; Weighted average shares - diluted; Shares issued under "
            "employee plan"
        ),
        "",
        SHARES,
    ),
    Theme(
        lines(
            "Purchased electricity; Natural gas; Diesel; Gasoline; Scope 1 emissions; Scope 2 "
            "emissions; Water consumption; Hazardous waste; Employees at year end; Stores at "
            "year end; Sites; Clients"
        ),
        "",
        SHARES,
    ),
    Theme(
        lines(
            "Audit fees; Audit-related fees; Tax fees; All other fees; Salaries and fees; "
            "Pension benefits; Bonus; Share-based awards; Travel and lodging; Consulting"
        ),
        "Total fees",
        MONEY,
    ),
    Theme(
        lines(
            "Government bonds; Corporate debt securities; Money market funds; Equity "
            "securities; Commercial paper; Certificates of deposit; Mortgage-backed "
            "securities; Real estate funds; Interest rate swaps; Foreign exchange contracts"
        ),
        "Total fair value",
        MONEY,
    ),
)
MONEY_UNITS = lines(
    "(In thousands); (in millions); $ million; (Dollars in thousands); ($ in millions); $M; "
    "$\u2019000; (in thousands of U.S. dollars); (Amounts in millions); In thousands"
)
NAME_HEADS = lines(
    "Ald; Brix; Cal; Dex; Ever; Fen; Gran; Hel; Iron; Jas; Kor; Lyn; Mar; Nor; Oak; Pel; "
    "Quin; Riv; Sab; Tal; Umb; Vel; Wil; Yor; Zan; North; Blue; Red; Silver; High"
)
NAME_TAILS = lines(
    "ora; mark; ton; field; ix; ara; edge; gate; well; brook; tek; sys; via; one; ium; ridge; "
    "stone; way; path; nova"
)
NAME_SUFFIXES = lines(
    "; ; ; ; Inc.; Corp; Pharma; Holdings; Energy; Bancorp; Technologies; Group; Foods; "
    "Motors; Mining; Therapeutics; Resources; Media; Airlines; Software; Gold; REIT; Brands"
)
TAGS = lines(
    "#stocks; #trading; #investing; #economy; #MarketScreener; #finance; #markets; #business; "
    "#stockmarket; #earnings; #Stock"
)
FOREIGN_UNITS = (
    "£m",
    "€ million",
    "RMB\u2019000",
    "(in thousands of euros)",
    "In £ million",
    "SEK m",
)
FIRST_NAMES = lines("Sarah; Mike; Bob; Priya; David; Karen; Luis; Jeff; Monica; Tom; Wendy; Alan")
QUARTERS = ("first", "second", "third", "fourth")

FRAMES = (
    "{core}",
    "You are an equity analyst. {core}",
    "{core} {ending}",
    "Read the input. {core} {ending}",
    "{sloppy}",
    "Task: {core} Reply with the answer only, without explanation.",
)
SENTIMENT_CORES = (
    "What is the sentiment of this finance tweet for an investor: {labels}?",
    "Classify the market tweet as {labels}.",
    "Label the financial headline with one of {labels}.",
    "How would a shareholder take this news? Choose from {labels}.",
    "Decide whether the post is good, bad or no news for investors ({labels}).",
    "Rate the tone of the stock-market message using {labels}.",
    "Does the headline speak for or against the price? Options: {labels}.",
    "Sentiment of the following finance text? One of {labels}.",
    "Assign a sentiment label ({labels}) to the tweet about companies or the economy.",
    "We score news for a trading desk. Pick {labels} for the item below.",
)
SENTIMENT_ENDINGS = (
    "Answer with the label only.",
    "Plain announcements without a direction belong in the middle class.",
    "Give one label.",
    "Do not explain.",
)
NEWS_CORES = (
    "Is this good news or bad news for the market? Labels: {labels}.",
    "Would investors welcome the headline? Choose {labels}.",
    "Classify the finance headline: {labels}.",
    "Say which way the news points, {labels}.",
    "Label the market post with {labels}.",
    "Judge the tweet from an investor's point of view ({labels}).",
    "Is the message favourable? Answer with one of {labels}.",
    "Sort these stock headlines into {labels}.",
    "Pick {labels} for the item of financial news.",
    "Two classes, {labels}. Which one fits the text?",
)
NEWS_ENDINGS = ("Label only.", "Nothing else.", "One of the two.", "No comments.")
TOPIC_CORES = (
    "What is the finance post about? Topics: {labels}.",
    "Assign the tweet to a topic among {labels}.",
    "Classify the market headline by subject ({labels}).",
    "Which desk should get this news item: {labels}?",
    "Tag the text with its topic. Tags: {labels}.",
    "Choose the subject of the headline from {labels}.",
    "Route the financial news to one of {labels}.",
    "Identify the theme of the stock-market message: {labels}.",
    "Topic of the tweet? Pick from {labels}.",
    "Sort the post by what it reports on - {labels}.",
)
TOPIC_ENDINGS = (
    "One label.",
    "Analyst stands for ratings and price targets.",
    "Macro stands for data on a country's economy or its policy.",
    "Give the topic only.",
)
LOOKUP_CORES = (
    "Answer the question with a value or label from the table.",
    "Use the table from a company report to answer the question.",
    "Look up the answer in the financial table.",
    "Read the table and the question and return the matching cell, year or row name.",
    "Find what the question asks for in the table below.",
    "Which entry of the table answers the question?",
    "Given an annual report table, reply to the question in as few words as possible.",
    "Consult the table and give the figure or the label asked about.",
    "Table question answering: output the entry that answers.",
    "Search the rows and columns for the answer to the question.",
)
LOOKUP_ENDINGS = (
    "Copy it exactly as it stands there.",
    "One value only.",
    "No calculation or explanation.",
    "Keep currency signs and brackets as printed.",
)
FIGURE_CORES = (
    "Give the figure the question asks for.",
    "Find the number in the table.",
    "Read off the amount for the row and year in the question.",
    "What figure does the table show? Answer the question.",
    "Return the cell at the right row and year.",
    "Extract the asked number from the financial statement table.",
    "Pick the right cell for the question.",
    "Answer with the amount printed in the table.",
    "Locate the line item and the period, then output its value.",
    "Report the value in question.",
)
YEAR_CORES = (
    "In which year was the item larger or smaller? Answer the question from the table.",
    "Compare the periods of the table and name the one asked for.",
    "Answer the question with a year from the table header.",
    "Tell which year fits the question.",
    "Which year is it? Use the table.",
    "Find the year for which the statement in the question holds.",
    "Give the year that answers the question.",
    "Look along the row and return the year of the right column.",
    "Period comparison: output the year the question is after.",
    "State the year.",
)
YEAR_ENDINGS = ("Only the year.", "E.g. 2019 or FY19.", "No amounts, just the year.", "Just that.")
LABEL_CORES = (
    "Name the row that answers the question.",
    "Which line item is it? Answer from the table.",
    "Return the label of the largest or smallest row, as asked.",
    "Answer the question with a row name of the table.",
    "Find the line with the highest or lowest figure in the year given.",
    "Compare the rows and copy the name of the right one.",
    "Give the item, not its amount, that the question is after.",
    "Pick the category the question describes.",
    "Read the column and tell which row has the extreme value.",
    "Output one line-item label.",
)
LABEL_ENDINGS = ("Copy the label.", "No numbers.", "Row name only.", "As printed.")
ROW_CORES = (
    "Return the asked row as JSON from column heading to figure.",
    "Make a JSON object of the line item: keys are the periods, values the figures as strings.",
    "Convert the row in question to JSON.",
    "Give all periods of the line item as a JSON object.",
    "For the named row, output JSON with one entry per period.",
    "Extract the row. Format: JSON, period to printed value.",
    "Write the figures of the line as JSON keyed by the heading.",
    "Turn the requested line item into JSON.",
    "List the row's values by period in a JSON object.",
    "JSON of the row please.",
)
ROW_ENDINGS = (
    "Keep the figures as strings.",
    "JSON only.",
    "Keep the order of the columns.",
    "Copy figures as printed.",
)
SPAN_CORES = (
    "Answer the question with words copied from the passage.",
    "Find the answer to the question in the report passage.",
    "Which part of the passage answers the question?",
    "Extract the answer span from the financial text.",
    "Read the note to the accounts and answer the question from it.",
    "Quote the shortest piece of the passage that answers.",
    "Use the passage only. What is the answer?",
    "Reply to the question by copying from the text.",
    "Reading comprehension on annual reports: copy the span that holds the answer.",
    "Pull the answer out of the paragraph.",
)
SPAN_ENDINGS = (
    "Do not rephrase.",
    "Copy it word for word.",
    "No extra words.",
    "Nothing that is not in the passage.",
)
AMOUNT_CORES = (
    "Give the number that answers the question.",
    "Which figure in the passage is asked for?",
    "Extract the amount, percentage or count in question.",
    "Find the figure for the question in the text.",
    "Read the passage and return the right number.",
    "Several figures are mentioned; output the one asked about.",
    "Answer the question with a figure from the passage.",
    "Pick the correct amount out of the report paragraph.",
    "Numbers only: what is the answer?",
    "Copy the figure asked for.",
)
BULLET_CORES = (
    "Shorten the earnings-call sentence to a telegraphic news bullet in lower case.",
    "Write a terse wire-style headline, all lower case, for the statement.",
    "Summarise the statement from the call in a few lower-case words with the key figure.",
    "What is the key fact of the sentence? Write it as a short lower-case bullet.",
    "Turn the management remark into a brief bullet such as a news terminal shows.",
    "Condense to one lower-case financial bullet point.",
    "Make a news-flash line (lower case) of the earnings sentence.",
    "Reduce the transcript excerpt to period, metric and number, in lower case.",
    "Compress the quote from the conference call into a headline without capitals.",
    "One short lower-case line with the main number of the text.",
)
BULLET_ENDINGS = (
    "Drop comparisons with last year.",
    "End with a full stop.",
    "Keep amounts as given.",
    "Use q1 to q4 for quarters and fy for the full year.",
)
METRIC_CORES = (
    'Return JSON with "period", "metric" and "value" of the reported result.',
    "Extract period, metric, value as JSON from the earnings-call sentence.",
    "Which metric was reported, for which quarter, at what value? JSON: period, metric, value.",
    "Fill the JSON fields period, metric and value.",
    "Make a JSON record (period, metric, value) of the sentence.",
    "Convert the statement to JSON having the keys period, metric, value.",
    "Pull the headline figure into JSON: period, metric, value.",
    "Output an object with period, metric and value.",
    "Parse the result into JSON (keys: period, metric, value).",
    "I want period, metric and value in JSON.",
)
METRIC_ENDINGS = (
    "Write the quarter as q1, q2, q3 or q4.",
    "Metric in lower case.",
    "JSON only.",
    "Leave out last year's figures.",
)
TREND_CORES = (
    "Does the sentence report a rise or a fall? Answer {labels}.",
    "Say {labels} for the direction of the figure.",
    "Classify the direction of the change as {labels}.",
    "Which way did the metric or the outlook go: {labels}?",
    "From the earnings-call sentence, tell the direction ({labels}).",
    "Label the statement {labels}.",
    "Is the number going up or down? Choose {labels}.",
    "Give the trend. Options: {labels}.",
    "Mark the management comment with {labels}.",
    "Direction of the result, {labels}?",
)
TREND_ENDINGS = ("One word.", "Label only.", "Lower case.", "No reasons.")
