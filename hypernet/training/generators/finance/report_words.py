"""Phrases of financial reports and earnings calls.

One phrase per "- " item; <x|y> is a choice, {slot} a place to fill. Knows nothing of drawing.
The answer of a fact stands between guillemets and its question after " ? ".
"""

from __future__ import annotations

FACTS = """
- Total <stock-based|share-based> compensation expense was «{m1}», {m2} and {m3} in fiscal {y1},
  {y2} and {y3}, respectively. ? <What was|How much was> the <stock-based|share-based>
  compensation expense in <fiscal |>{y1}?
- Depreciation and amortization expense for {y1}, {y2} and {y3} was {m1}, «{m2}» and {m3},
  respectively. ? <What was|How much was> the depreciation and amortization expense in {y2}?
- Advertising costs were «{m1}» in {y1} and {m2} in {y2}, and are expensed as incurred. ? What
  were advertising costs in {y1}?
- Advertising costs were {m1} in {y1} and {m2} in {y2}, and are expensed «as incurred». ? When
  are advertising costs expensed?
- Rent expense under operating leases totaled {m1}, {m2}, and «{m3}» for the years ended {day},
  {y1}, {y2}, and {y3}. ? What was the rent expense <for the year ended|for> {day}, {y3}?
- Our effective tax rate was «{p1}%» for {y1} compared with {p2}% for {y2}, primarily because of
  {reason}. ? What was the effective tax rate <in|for> {y1}?
- Our effective tax rate was {p1}% for {y1} compared with {p2}% for {y2}, primarily «because of
  {reason}». ? <Why did|What made> the effective tax rate <differ from {y2}|change in {y1}>?
- Revenue from {seg} <increased|grew> {m1}, or «{p1}%», in {y1} <mainly due to|driven by>
  {reason}. ? By what percentage did {seg} revenue <grow|increase> in {y1}?
- Revenue from {seg} <increased|grew> {m1}, or {p1}%, in {y1} due to «{reason}». ? <What
  caused|What was the reason for> the <increase|growth> in revenue from {seg} in {y1}?
- «Gross margin <decreased|declined> to {p1}% in {y1} from {p2}% in {y2} as a result of
  {reason}.» ? <Why did|What caused> gross margin <to decrease|to decline> in {y1}?
- Gross margin declined to {p1}% in {y1} from «{p2}%» in {y2} as a result of {reason}. ? What
  was the gross margin in {y2}?
- General and administrative expenses decreased by «{m1}», primarily attributable to {reason}. ?
  <What was|How large was> the decrease in general and administrative expenses?
- General and administrative expenses decreased by {m1}, primarily attributable to «{reason}». ?
  What was the decrease in general and administrative expenses attributable to?
- «Research and development expenses increased by {m1}, or {p1}%, reflecting {reason}.» ? Why
  did research and development expenses <increase|go up>?
- As of {day}, {y1}, <we had|the Company employed> <approximately |>«{heads}»
  <employees|full-time employees>, of whom {heads2} were located outside the United States. ?
  How many employees did the company have <as of|at> {day}, {y1}?
- As of {day}, {y1}, the Company employed {heads} people, of whom «{heads2}» were located
  outside the United States. ? How many <employees|people> were located outside the United
  States?
- Unrecognized compensation cost related to unvested awards was {m1} and is expected to be
  recognized over a weighted-average period of «{yrs} years». ? Over what <weighted-average
  |>period is unrecognized compensation cost expected to be recognized?
- Unrecognized compensation cost related to unvested awards was «{m1}» at {day}, {y1}, to be
  recognized over {yrs} years. ? What was the unrecognized compensation cost <at|as of> {day},
  {y1}?
- Our common stock <trades|is listed> on the «{market}» under the symbol "{t}". ? <On which
  market|Where> is the company's common stock <traded|listed>?
- Our common stock is quoted on the {market} under the symbol "«{t}»". ? What is the <ticker
  |>symbol of the company's common stock?
- The Company operates in «{num} reportable segments»: {seglist}. ? How many <reportable
  |>segments does the Company <have|operate in>?
- The Company operates in {num} reportable segments: «{seglist}». ? What are the <Company's
  |>reportable segments?
- Inventories are stated at «the lower of cost <and net realizable value|or market>», with cost
  determined <on a first-in, first-out basis|using the weighted average method>. ? <How|At what>
  are inventories <stated|valued>?
- Inventories are stated at the lower of cost and net realizable value, with cost determined
  «<on a first-in, first-out basis|using the weighted average method|by the retail method>». ?
  How is the cost of inventories determined?
- Goodwill is tested for impairment «<annually|at least annually|in the fourth quarter of each
  year>» or when events indicate that it may be impaired. ? <When|How often> is goodwill tested
  <for impairment|>?
- Property and equipment are depreciated «<on a straight-line basis|using the straight-line
  method>» over useful lives of {life}. ? <How|By what method> is property and equipment
  depreciated?
- Property and equipment are depreciated on a straight-line basis over estimated useful lives of
  «{life}». ? What is the <range of |>estimated useful <lives|life> of property and equipment?
- On {day}, {y1}, we acquired «{co2}» for <total consideration of |>{m1} <in cash|in cash and
  stock>. ? <Which company|What business> was acquired <on {day}, {y1}|in {y1}>?
- On {day}, {y1}, we acquired {co2} for total consideration of «{m1}» in cash. ? <What was
  the|How much was the> <total |>consideration <paid |>for {co2}?
- We acquired {co2} in {y1} «<to expand our presence in {seg}|to gain access to new customers in
  {city}|to strengthen our {seg} offering>». ? Why did the company acquire {co2}?
- The term loan bears interest at «{p3}%» per annum and matures on {day}, {y0}. ? What is the
  interest rate <on|of> the term loan?
- The term loan bears interest at {p3}% per annum and matures on «{day}, {y0}». ? When does the
  term loan mature?
- The revolving credit facility provides for borrowings of up to «{mbig}», of which {msmall} was
  outstanding at {day}, {y1}. ? <How much can be borrowed|What is the maximum amount of
  borrowings> under the revolving credit facility?
- The revolving credit facility provides for borrowings of up to {mbig}, of which «{msmall}» was
  outstanding at year end. ? What amount was outstanding under the revolving credit facility?
- The decrease in cash used in investing activities was «due to {reason}». ? What was the reason
  for the <decrease in|lower> cash used in investing activities?
- Net cash provided by operating activities was «{m1}» for fiscal {y1} compared with {m2} for
  fiscal {y2}. ? What was the net cash provided by operating activities <in|for> fiscal {y1}?
- Accounts receivable are presented net of an allowance for doubtful accounts of {m1} and «{m2}»
  at {day}, {y1} and {y2}, respectively. ? What was the allowance for doubtful accounts at
  {day}, {y2}?
- «{heads}» and {heads2} shares were excluded from diluted earnings per share for {y1} and {y2},
  respectively, as their effect was antidilutive. ? How many <antidilutive |>shares were
  excluded <from diluted earnings per share |>for {y1}?
- {heads} shares were excluded from diluted earnings per share for {y1} «<because their effect
  was antidilutive|as their exercise price exceeded the market price>». ? Why were shares
  excluded from diluted earnings per share?
- One customer, {co2}, accounted for «{p1}%» of total revenue in {y1}<; no other customer
  exceeded 10%|>. ? What percentage of total revenue did {co2} account for in {y1}?
- Contract liabilities consist of «<amounts billed in advance of performance|deferred revenue
  and customer deposits|payments received before services are delivered>». ? What do contract
  liabilities <consist of|include>?
- Backlog at {day}, {y1} was {m1}, of which we expect to recognize «<approximately |>{p1}%» over
  the next twelve months. ? What <percentage|portion> of backlog is expected to be recognized
  over the next twelve months?
- Restructuring charges of {m1} in {y1} relate to «<the closure of our {city} facility|severance
  for workforce reductions|the exit of leased offices>». ? What do the restructuring charges <in
  {y1} |>relate to?
- Management believes existing cash will be sufficient to fund operations for «<at least the
  next twelve months|the foreseeable future>». ? <How long|For how long> will existing cash be
  sufficient to fund operations?
- We hedge foreign currency exposure using forward contracts «<to reduce volatility in
  earnings|to protect forecasted cash flows|to manage exchange rate risk>». ? <Why|For what
  purpose> does the company use forward contracts?
- The fair value of options is estimated using «<the Black-Scholes model|a Monte Carlo
  simulation|a binomial lattice model>» on the date of grant. ? <What model is used|How is the
  fair value determined> <to estimate the fair value of|for> options?
- The Board declared a dividend of «${cents}» per share, payable on {day}, {y1} to holders of
  record. ? What <was the|is the> dividend per share <declared|declared by the Board>?
- The Board declared a dividend of ${cents} per share, payable on «{day}, {y1}» to holders of
  record. ? When <is|was> the dividend payable?
- Our fiscal year ends on «<the last Saturday in {month}|{day}|the Sunday closest to {day}>»
  each year. ? When does the fiscal year end?
- Operating income for the {seg} segment was «{m1}» in {y1}, versus {m2} a year earlier. ? What
  was the operating income of the {seg} segment in {y1}?
- The valuation allowance increased by «{m1}» during {y1} owing to {reason}. ? By how much did
  the valuation allowance increase <in|during> {y1}?
- The pension discount rate was «{p3}%» at {day}, {y1} and {p4}% at {day}, {y2}. ? What discount
  rate was used at {day}, {y1}?
- Executive awards vest «<in equal annual instalments over {num} years|after {num} years of
  continued service|upon achievement of performance targets>». ? How do executive awards vest?
- Capital expenditures are expected to be «<between {msmall} and {mbig}|approximately {m1}>» in
  {y0}, largely for {seg}. ? What <level|amount> of capital expenditures is expected <in|for>
  {y0}?
"""

FILLERS = """
- The following discussion should be read together with the consolidated financial statements
  and related notes.
- See Note {n} for further information.
- All amounts are in U.S. dollars unless otherwise stated.
- These estimates are based on assumptions that management believes to be reasonable.
- Actual results could differ materially from those estimates.
- The table below presents a summary of the activity for the periods indicated:
- We review these balances <quarterly|regularly> and adjust them as circumstances change.
- There were no <material |>changes in accounting policy during the period.
- The Company had no other <significant|material> commitments at year end.
- This measure is not calculated in accordance with U.S. GAAP.
- Comparative amounts have been reclassified to conform to the current presentation.
- We believe these actions will position the business for long-term growth.
- The remaining balance relates to items that are individually immaterial.
- Results for any period are not necessarily indicative of future results.
- Certain subsidiaries are subject to audit by tax authorities in several jurisdictions.
- Our business is subject to seasonality<, with a stronger second half|>.
- Competition in our markets remained intense throughout the year.
"""

BULLETS = """
- <For the {quarter} quarter,|In the {quarter} quarter of {year},|During the quarter, which was
  our {quarter},> <we reported|we delivered|we generated> <diluted |>earnings per share of
  ${eps}<, compared to ${eps2} <a year ago|last year|in the prior-year quarter>|, up {pct}% from
  last year|>. => q{q} earnings per share ${eps}.
- <Adjusted|On an adjusted basis,> earnings per <diluted |>share <was|came in at|were> ${eps}
  <in|for> the {quarter} quarter<, versus ${eps2} in the same period last year|, ahead of our
  expectations|>. => q{q} adjusted earnings per share ${eps}.
- <Our non-GAAP|Non-GAAP> <net income|earnings> <was|were> ${m} million or ${eps} per <diluted
  |>share in the {quarter} quarter<, compared to ${m2} million or ${eps2} per share last year|>.
  => q{q} non-gaap earnings per share ${eps}.
- <On a GAAP basis|GAAP results:> <we recorded|we had> a loss of ${eps} per share <for|in> the
  {quarter} quarter<, which includes ${m} million of restructuring charges|>. => q{q} gaap loss
  per share ${eps}.
- <Total|Consolidated|Our> revenue for the {quarter} quarter <was|came in at|totaled> ${m}
  million<, <an increase|a rise> of {pct}% <year-over-year|from the prior year>|, up {pct}%|,
  compared with ${m2} million last year>. => q{q} revenue ${m} million.
- <We closed|We finished> the {quarter} quarter with sales of ${b} billion, <which was up|growth
  of> {pct}% <compared to last year|on a reported basis>. => q{q} sales rose {pct}% to ${b}
  billion.
- Net sales <declined|decreased|fell> {pct}% to ${m} million in the {quarter} quarter<,
  reflecting {drag}|, mainly because of {drag}|>. => q{q} net sales fell {pct}% to ${m} million.
- <We now expect|We're guiding to|Looking ahead, we anticipate> full-year <adjusted |>earnings
  per share <in the range of|between> ${epslo} <to|and> ${eps}. => sees fy earnings per share
  ${epslo} to ${eps}.
- For the {quarter} quarter, we <expect|anticipate|project> revenue <in the range of|of> ${mlo}
  million to ${m} million<, which assumes {driver}|>. => sees q{q} revenue ${mlo} million to
  ${m} million.
- We <expect|are forecasting> <fiscal|full year> {year} revenue <to be |>between ${blo} billion
  and ${b} billion<, or growth of about {pct}%|>. => sees {year} revenue ${blo} billion to ${b}
  billion.
- <As a result,|Given the strong start to the year,|Based on these trends,> we are raising our
  full-year adjusted EBITDA <guidance|outlook> to ${mlo} million to ${m} million. => raises fy
  adjusted ebitda outlook to ${mlo} million to ${m} million.
- <Because of|Given> {drag}, we are lowering our full-year revenue <guidance|outlook> to
  <approximately |about >${b} billion. => lowers fy revenue outlook to ${b} billion.
- <Because of the uncertainty|Given limited visibility>, we are <not providing|withdrawing our>
  guidance for <fiscal |the year >{year}<| at this time>. => not providing {year} guidance.
- <Comparable store sales|Same-store sales|Comparable sales> <increased|grew|were up> {pct}%
  <in|for> the {quarter} quarter<, driven by {driver}|, with traffic positive|>. => q{q} same
  store sales rose {pct}%.
- <Comparable store sales|Same-store sales|Comps> <decreased|declined|were down> {pct}% <in|for>
  the {quarter} quarter<, pressured by {drag}|>. => q{q} same store sales fell {pct}%.
- <Gross margin|Our gross margin> <expanded|improved|increased> {bps} basis points to {pct}% in
  the {quarter} quarter<, thanks to {driver}|>. => q{q} gross margin rose {bps} basis points to
  {pct}%.
- <Gross margin|Our gross margin> <contracted|declined> {bps} basis points to {pct}% in the
  {quarter} quarter<, due to {drag}|>. => q{q} gross margin fell {bps} basis points to {pct}%.
- <The Board|Our Board of Directors|Last week the Board> <approved|authorized> a <new |>${m}
  million share repurchase program<, which has no expiration|, reflecting our confidence in the
  business|>. => board authorizes ${m} million share repurchase program.
- <We also announced|The Board declared|Yesterday we declared> a <quarterly |>dividend of
  ${cents} per share<, an increase of {pct}%|, payable next month|>. => declares dividend of
  ${cents} per share.
- During the {quarter} quarter, we <repurchased|bought back> {n} million shares for <a total of
  |>${m} million. => repurchased {n} million shares for ${m} million in q{q}.
- We <expect|plan> capital expenditures <of|to be> <approximately|about|roughly> ${m} million
  <in|for> {year}<, primarily for new stores|, mostly maintenance spending|>. => expects {year}
  capital expenditures of about ${m} million.
- <Free cash flow came to|We produced free cash flow of|We had free cash flow of> ${m} million
  in the {quarter} quarter<, which brings us to ${m2} million year-to-date|>. => q{q} free cash
  flow ${m} million.
- <Our backlog|Backlog> <at quarter end|at the end of the {quarter} quarter> <stood at|was> <a
  record |>${b} billion<, up {pct}% year over year|>. => backlog ${b} billion at quarter end.
- <We ended|We exited> the quarter with ${m} million of cash <and equivalents |and short-term
  investments |>and <no debt|${m2} million of debt|an undrawn revolver>. => had ${m} million of
  cash at quarter end.
- <We opened|In the quarter we opened> {n} <new |>stores in the {quarter} quarter and
  <plan|expect> to open {n2} <more |in total >this year. => opened {n} stores in q{q}.
- <We announced|Today we announced|Earlier this month we signed> <an agreement|a definitive
  agreement> to acquire {co} for <approximately |>${m} million<, which we expect to close by
  year-end|>. => to acquire {co_low} for ${m} million.
- <We completed|Last month we closed> the sale of <our|the> {seg} business for ${m} million<,
  subject to customary adjustments|>. => completed sale of {seg_low} business for ${m} million.
- We <expect|anticipate> our <effective |>tax rate for {year} to be <around|approximately|about>
  {pct}%. => expects {year} tax rate of about {pct}%.
- <Net interest margin|Our NIM> <was|came in at> {pct}% <for|in> the {quarter} quarter, <down|a
  decline of> {bps} basis points <from the prior quarter|linked-quarter>. => q{q} net interest
  margin {pct}%, down {bps} basis points.
- <Net interest income|NII> <decreased|declined> {pct}% to ${m} million in the {quarter}
  quarter<, reflecting lower rates|, on softer loan demand|>. => q{q} net interest income fell
  {pct}% to ${m} million.
- <Total loans|Average loans> <grew|increased> {pct}% to ${b} billion<, led by commercial
  lending|, with strength in mortgages|>. => loans grew {pct}% to ${b} billion.
- <Production|Total production> <averaged|was> {thou},000 barrels of oil equivalent per day in
  the {quarter} quarter<, above the high end of guidance|, down slightly from the prior
  quarter|>. => q{q} production averaged {thou},000 boe per day.
- <We've identified|We have actioned|The program targets> ${m} million <of|in> annual cost
  savings <by the end of|in> {year}<, and we're well on our way|>. => targets ${m} million in
  annual cost savings by {year}.
- <Adjusted EBITDA|Our adjusted EBITDA> for the {quarter} quarter was ${m} million<, or {pct}%
  of sales|, compared to ${m2} million a year ago|>. => q{q} adjusted ebitda ${m} million.
- <We ended the {quarter} quarter with|At the end of the {quarter} quarter we served> {n}
  million <paid |>subscribers, <adding|with net additions of> {thou},000 in the quarter. => q{q}
  net subscriber additions {thou},000.
- <Operating margin|Our operating margin> <was|came in at> {pct}% in the {quarter} quarter<,
  helped by {driver}|, flat with last year|>. => q{q} operating margin {pct}%.
- Revenue in <our|the> {seg} segment <grew|increased|rose> {pct}% to ${m} million<, with
  {driver}|> in the {quarter} quarter. => q{q} {seg_low} revenue rose {pct}% to ${m} million.
- Revenue in <our|the> {seg} segment <fell|declined|decreased> {pct}% to ${m} million<, hurt by
  {drag}|> in the {quarter} quarter. => q{q} {seg_low} revenue fell {pct}% to ${m} million.
- We <reported|posted> a net loss of ${m} million <for|in> the {quarter} quarter<, compared with
  net income of ${m2} million a year earlier|, including one-time items|>. => q{q} net loss ${m}
  million.
- <Orders|Bookings|Order intake> <increased|grew> {pct}% <in|during> the {quarter} quarter,
  <with|including> <particular strength in {seg}|double-digit growth abroad>. => q{q} orders
  rose {pct}%.
- <Occupancy|Portfolio occupancy> <at quarter end |>was {pct90}%, <up|an improvement of> {bps}
  basis points from <last year|the prior quarter>. => occupancy {pct90}%, up {bps} basis points.
- Funds from operations <were|was> ${eps} per share <for|in> the {quarter} quarter<, compared to
  ${eps2} last year|>. => q{q} ffo per share ${eps}.
- <We reaffirm|We are maintaining|We're reiterating> our <full-year |>{year} <guidance for
  |outlook for >earnings per share of ${epslo} to ${eps}. => reaffirms {year} earnings per share
  outlook of ${epslo} to ${eps}.
- We <expect|anticipate> {driver} to <support|drive> <revenue growth|top line growth> of {pct}%
  to {pcthi}% in {year}. => sees {year} revenue growth of {pct}% to {pcthi}%.
- We <reduced|cut> our debt by ${m} million in the {quarter} quarter<, bringing leverage to {x}
  times|>. => reduced debt by ${m} million in q{q}.
- <In response,|As part of this plan,> we will <reduce|cut> our workforce by
  <about|approximately> {pct}%<, which will be largely complete by year-end|>. => to cut
  workforce by about {pct}%.
"""

OPENERS = """
- Thanks, {first}, and good <morning|afternoon>.
- Let me now turn to <our results|the financials|the numbers>.
- <Moving|Turning> to slide {n}.
- <As {first} mentioned|As you saw in our press release>, it was a <solid|busy|challenging>
  quarter.
- So let me walk you through the details.
- Now on to guidance.
"""

SLOTS: dict[str, str] = {
    "reason": (
        "higher sales volumes in Asia; lower headcount following our restructuring; the mix of "
        "earnings among jurisdictions; increased investment in cloud infrastructure; "
        "unfavorable product mix and higher freight costs; the timing of customer payments; "
        "growth in our subscription base; a decrease in professional fees; the acquisition "
        "completed in the prior year; continued price erosion in mature products; higher "
        "employee-related costs; the adoption of the new lease standard; foreign exchange "
        "movements; lower purchases of short-term investments; a decline in unit shipments; the "
        "release of tax reserves; increased marketing programs"
    ),
    "seg": (
        "Cloud Services; Distribution; Consumer Products; Industrial Solutions; Advertising; "
        "Professional Services; Energy Systems; Licensing; Payments; Wireless; Education; "
        "Medical Devices; Logistics; Gaming; Aftermarket; Hosting"
    ),
    "seglist": (
        "Americas, EMEA and Asia Pacific; Products and Services; Retail, Wholesale and "
        "Corporate; Hardware, Software and Support; Upstream and Downstream; Banking, Insurance "
        "and Wealth Management"
    ),
    "market": (
        "New York Stock Exchange; NASDAQ Global Market; NYSE American; Toronto Stock Exchange; "
        "Nasdaq Capital Market; London Stock Exchange; OTCQB"
    ),
    "num": "two; three; four; five; six",
    "life": (
        "three to seven years; 5 to 40 years; two to ten years; 3 - 15 years; three to thirty years"
    ),
    "day": "December 31; June 30; March 31; September 30; January 31; October 31",
    "city": "Dublin; Austin; Hamburg; Osaka; Leeds; Montreal; Pune; Tucson",
    "month": "January; September; December; June",
}
