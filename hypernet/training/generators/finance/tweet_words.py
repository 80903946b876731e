"""Phrases of finance tweets and headlines, by what they mean to an investor.

One phrase per "- " item; <x|y> is a choice, {slot} a place to fill. Knows nothing of drawing.
The word before the colon is the topic.
"""

from __future__ import annotations

TWEETS: dict[str, str] = {
    "positive": """
- analyst: {co} <upgraded|raised|lifted> to <buy|outperform|overweight|strong buy> <from|vs.>
  <hold|neutral|sell|underperform> at {broker}
- analyst: {co} <stock |>price target <raised|lifted|hiked|bumped up> to ${hi} from ${lo} at
  {broker}
- analyst: {broker} <upgrades|turns bullish on|gets more constructive on> {co}, <sees {pct}%
  upside|cites {driver}>
- analyst: {co} <started|initiated|assumed> at <buy|outperform|overweight> with ${hi} <stock
  |>price target at {broker}
- analyst: {broker} <adds {co} to|puts {co} on> its conviction buy list<; shares +{pct}%|>
- analyst: {broker} <reiterates|reaffirms|sticks with> Buy on {tick}, PT ${hi}
- analyst: Why this {broker} analyst <loves|is pounding the table on> {co}
- analyst: {tick} - {co} <gains|pops|climbs> {pct}% after <bullish call|upgrade> at {broker}
- analyst: {co} named a top pick <for {year}|in {industry}> at {broker}
- analyst: {broker} <sees|spots> more upside for {co} on {driver}
- analyst: Street-high target for {co}: {broker} goes to ${hi}, up from ${lo}
- earnings: {co} EPS beats by ${cents}, beats on revenue
- earnings: {co} <tops|beats|crushes|smashes> <Q{q}|quarterly> <earnings|profit|revenue>
  <estimates|expectations|forecasts><| as {driver} helps>
- earnings: {co} <raises|lifts|boosts|hikes> <full-year|FY{yy}|{year}>
  <guidance|outlook|forecast> <after strong quarter|on {driver}>
- earnings: {co} Q{q} <profit|net income> <jumps|surges|climbs|soars> {pct}% on {driver}
- earnings: {tick}: {co} posts <record|best-ever> <quarter|sales|cash flow>, shares <jump|rally>
- earnings: UPDATE {n}-{co} <swings|returns> to profit as {driver} <kicks in|pays off>
- earnings: {co} <same-store|comparable> sales rise {pct}%, <well |>ahead of consensus
- earnings: {tick} earnings out: EPS ${eps} vs ${epslow} est. <wow|beat|nice>
- earnings: {co} sees Q{q} revenue above <Street|consensus>; stock up {pct}% <premarket|after
  hours>
- earnings: {co} preannounces <upside|better than expected> Q{q}
- earnings: {co}'s margins <widen|expand> as {driver}<| accelerates>
- earnings: Strong <quarter|print> from {co}: subscribers up {pct}%, churn <at record low|down>
- market: {co} shares <rise|jump|surge|pop|rally|soar> {pct}% <on {driver}|to all-time high|in
  early trading>
- market: {tick} <breaking out|ripping|flying|on fire> here, <new highs|next stop ${hi}|volume
  pouring in>
- market: {tick} (+{pct}% pre) {co} <Announces Positive Topline Data|Signs Deal With {co2}|Gets
  Takeover Offer>
- market: {index} <climbs|gains|rallies> {pct}% as <trade hopes build|virus fears ease|investors
  cheer stimulus>
- market: Stocks <close at record highs|open higher|extend winning streak> on <rosy data|trade
  optimism|upbeat earnings>
- market: {index} up {n2} points<, or {pct}%|> as {sector} <lead|surge>
- market: {co} up {pct}% <on|after> <takeover interest|strong sales update|insider buying|index
  inclusion>
- market: Hedge funds are <buying|piling into|loading up on> {co} ({t})
- market: long {tick} from ${lo}, <holding|adding more>, this one <goes higher|has legs>
- market: {tick} <golden cross|cup and handle|bull flag> on the daily, <looks great|buyers in
  control>
- market: {sector} up as <growth fears subside|yields rise|deal hopes return>
- market: {co} (NYSE:{t}) shareholders have enjoyed a {bigpct}% gain <in the last year|over
  three years>
- market: Unusual call buying in {tick}: {n2} contracts, ${hi} strike
- company: FDA <approves|clears|OKs|grants priority review to> {co}'s <drug|device|therapy>;
  shares up {pct}%
- company: {co} <wins|lands|secures|is awarded> ${mil} million <contract|order|deal> from {co2}
- company: {co} <boosts|raises|hikes|increases> <quarterly |>dividend by {pct}%
- company: {co} announces ${mil}M <share buyback|accelerated repurchase>, stock <gains|pops>
- company: {co} to be <acquired|bought> by {co2} at {bigpct}% premium
- company: {co} <trial|study> <meets primary endpoint|shows significant benefit>, {tick}
  <soars|jumps>
- company: {co} <expands|deepens> partnership with {co2}, sees ${mil}M in <sales|synergies>
- company: Judge <sides with|rules for> {co} in <patent|antitrust> case; stock <rises|higher>
- company: {co} <pays down|retires> ${mil}M debt early, <rating raised|outlook raised to
  positive> by Moody's
- company: {co} to <hire|add> {n2} <workers|engineers> <as demand booms|to meet record orders>
- company: {co} <ramps|restarts> production ahead of schedule
- company: Activist {co2} takes {pct}% stake in {co}, shares <jump|spike>
- company: {co} <narrows loss|turns cash-flow positive>, sees <profitability|breakeven> sooner
- macro: <U.S.|US> <job growth|payrolls|hiring> <surges|beats expectations> in {month},
  <unemployment falls|wages up>
- macro: {country} <GDP grows|economy expands> faster than expected in Q{q}
- macro: {country} <retail sales|industrial production|factory orders|exports>
  <rise|rebound|snap back> {pct}% in {month}
- macro: Consumer <confidence|sentiment> <climbs to|hits> <highest since {oldyear}|{n2} month
  high>
- macro: <Housing starts|Home sales|Building permits> <jump|surge> {pct}% as <mortgage rates
  fall|demand strengthens>
- macro: $ECON: {month} <ISM|PMI> tops consensus, back in expansion
- macro: U.S. and {country} <reach|close in on> trade deal, <tariffs to be cut|markets cheer>
- macro: Jobless claims <fall|drop> more than forecast
- macro: {country} unveils ${mil} billion stimulus, <stocks jump|relief rally>
- commodity: <Oil|Brent|Crude> <rises|climbs|gains> {pct}% <on OPEC+ cut hopes|as inventories
  shrink|as demand recovers|as supply tightens>
- commodity: {month3}. gold <climbs|rises|gains> ${pct}, <to settle|settles> at ${big}/oz
- commodity: <Copper|Silver|Palladium|Bitcoin> <hits|touches> <record|{n}-month high>, <bulls in
  charge|up {pct}%>
- commodity: Bitcoin <breaks above|reclaims> ${big}, <up {pct}% today|rally gathers steam>
""",
    "negative": """
- analyst: {co} <downgraded|cut|lowered> to <sell|underperform|underweight|hold|neutral>
  <from|vs.> <buy|outperform|overweight> at {broker}
- analyst: {co} <stock |>price target <cut|lowered|slashed|trimmed> to ${lo} from ${hi} at
  {broker}
- analyst: {broker} <downgrades|turns bearish on|sours on|goes to the sidelines on> {co}, cites
  {drag}
- analyst: {co} <started|initiated|assumed> at <sell|underperform|underweight> with ${lo} <stock
  |>price target at {broker}
- analyst: {broker} <pulls|removes|drops> {co} from its conviction list<; shares -{pct}%|>
- analyst: {broker} <reiterates|sticks with> Sell on {tick}, PT ${lo}
- analyst: Why this {broker} analyst <has had enough of|is bailing on> {co}
- analyst: {tick} - {co} <slips|sinks|drops> {pct}% after <bearish call|downgrade> at {broker}
- analyst: {co} named a top short <for {year}|in {industry}> at {broker}
- analyst: {broker} <sees|warns of> more downside for {co} on {drag}
- analyst: Street-low target for {co}: {broker} goes to ${lo}, down from ${hi}
- earnings: {co} EPS misses by ${cents}, misses on revenue
- earnings: {co} <misses|falls short of|trails> <Q{q}|quarterly> <earnings|profit|revenue>
  <estimates|expectations|forecasts><| as {drag} bites>
- earnings: {co} <cuts|lowers|slashes|withdraws> <full-year|FY{yy}|{year}>
  <guidance|outlook|forecast> <after weak quarter|on {drag}>
- earnings: {co} Q{q} <profit|net income> <falls|plunges|tumbles|slumps> {pct}% on {drag}
- earnings: {tick}: {co} posts <wider loss|worst quarter since {oldyear}|first loss in {n}
  years>, shares <sink|tumble>
- earnings: UPDATE {n}-{co} <swings|slides> to loss as {drag} <hits|weighs>
- earnings: {co} <same-store|comparable> sales fall {pct}%, <well |>below consensus
- earnings: {tick} earnings out: EPS ${epslow} vs ${eps} est. <ouch|miss|ugly>
- earnings: {co} sees Q{q} revenue below <Street|consensus>; stock down {pct}% <premarket|after
  hours>
- earnings: {co} preannounces <shortfall|weaker than expected> Q{q}
- earnings: {co}'s margins <shrink|contract> as {drag}<| worsens>
- earnings: Weak <quarter|print> from {co}: subscribers down {pct}%, churn <at record high|up>
- market: {co} shares <fall|drop|plunge|sink|tumble|crater> {pct}% <on {drag}|to 52-week low|in
  early trading>
- market: {tick} <breaking down|getting crushed|bleeding|in free fall> here, <new lows|next stop
  ${lo}|sellers everywhere>
- market: {tick} (-{pct}% pre) {co} <Announces Failed Trial|Loses Deal With {co2}|Prices Stock
  Offering at Discount>
- market: {index} <falls|slides|tumbles> {pct}% as <trade fears build|virus worries
  spread|investors flee risk>
- market: Stocks <close at session lows|open lower|extend losing streak> on <grim data|growth
  concerns|downbeat earnings>
- market: {index} down {n2} points<, or {pct}%|> as {sector} <lag|slump>
- market: {co} down {pct}% <on|after> <deal collapse|weak sales update|short report|equity
  offering>
- market: Hedge funds are <selling|dumping|running from> {co} ({t})
- market: short {tick} from ${hi}, <holding|adding more>, this one <goes lower|is toast>
- market: {tick} <death cross|head and shoulders|bear flag> on the daily, <looks awful|sellers
  in control>
- market: {sector} down as <growth fears return|yields sink|deal hopes fade>
- market: {co} (NYSE:{t}) shareholders have suffered a {pct}% loss <in the last year|over three
  years>
- market: Unusual put buying in {tick}: {n2} contracts, ${lo} strike
- company: FDA <rejects|delays decision on|places clinical hold on> {co}'s
  <drug|device|therapy>; shares down {pct}%
- company: {co} <loses|is stripped of> ${mil} million <contract|order|deal> with {co2}
- company: {co} <cuts|suspends|slashes|scraps> <quarterly |>dividend<| to save cash>
- company: {co} to <sell|issue> ${mil}M of new shares, stock <slides|drops>
- company: {co2} walks away from {co} <takeover|merger>, {tick} <dives|slumps>
- company: {co} <trial|study> <fails primary endpoint|shows no benefit>, {tick}
  <plunges|craters>
- company: {co} <recalls|halts sales of> {n2},000 <vehicles|units> over <safety|fire> risk
- company: Judge <rules against|fines> {co} in <patent|antitrust> case; stock <falls|lower>
- company: {co} <defaults|misses payment> on ${mil}M debt, <rating cut to junk|outlook cut to
  negative> by Moody's
- company: {co} to <lay off|cut|axe> {n2} <workers|jobs> <as demand slumps|in restructuring>
- company: {co} <halts|idles> production<| at key plant> <on parts shortage|amid strike>
- company: SEC <probes|charges|subpoenas> {co} over accounting, shares <slide|sink>
- company: {co} files for <bankruptcy|Chapter 11>, to close {n2} stores
- macro: <U.S.|US> <job growth|payrolls|hiring> <stalls|misses expectations> in {month},
  <unemployment rises|wages flat>
- macro: {country} <GDP shrinks|economy contracts> more than expected in Q{q}
- macro: {country} <retail sales|industrial production|factory orders|exports>
  <fall|slump|tumble> {pct}% in {month}
- macro: Consumer <confidence|sentiment> <collapses to|hits> <lowest since {oldyear}|{n2} month
  low>
- macro: <Housing starts|Home sales|Building permits> <drop|plunge> {pct}% as <mortgage rates
  rise|demand weakens>
- macro: $ECON: {month} <ISM|PMI> below consensus, deeper in contraction
- macro: U.S. and {country} trade talks <collapse|stall>, <tariffs to rise|markets rattled>
- macro: Jobless claims <jump|spike> more than forecast
- macro: {country} slides into recession, <stocks sink|panic selling>
- commodity: <Oil|Brent|Crude> <falls|slides|tumbles> {pct}% <on supply glut|as inventories
  swell|on demand fears|as storage fills up>
- commodity: {month3}. gold <falls|drops|loses> ${pct}, <to settle|settles> at ${big}/oz
- commodity: <Copper|Silver|Palladium|Bitcoin> <hits|sinks to> <{n}-month low|lowest since
  {oldyear}>, <bears in charge|down {pct}%>
- commodity: Bitcoin <breaks below|loses> ${big}, <down {pct}% today|rout deepens>
""",
    "neutral": """
- analyst: {co} <started|initiated|assumed> at <hold|neutral|equal weight|market perform> with
  ${hi} <stock |>price target at {broker}
- analyst: {broker} <reiterates|maintains|keeps> <Hold|Neutral|Equal-Weight> on {tick}, PT ${hi}
- analyst: Here's what analysts are <forecasting|saying> about {co} <for next year|after its
  Q{q} report>
- analyst: {broker} to host <call|webinar> on {industry} <tomorrow|at 10am ET>
- analyst: {broker} resumes coverage of {co} <at neutral|with a hold>, target unchanged at ${hi}
- analyst: What to expect from {co} when analysts <weigh in|update models> this week
- analyst: Daily list of analyst notes: {t}, {t2}, {industry} and more
- analyst: Is {co} ({t}) fairly valued? A look at the <numbers|multiples>
- earnings: {co} <Reports|Announces> <First|Second|Third|Fourth> Quarter {year} Results
- earnings: {co} EPS in-line, revenue in-line
- earnings: Edited Transcript of {t} earnings conference call or presentation {n}-{month3}-{yy}
  {n}:00pm GMT
- earnings: {co} to <report|release> Q{q} results on {month} {n}<, call at 8:30am|>
- earnings: Earnings this week: {tick} $<DRI|KMT|WSM|ORC|HLX> {tick2} and more
- earnings: {co} <Q{q} Results|earnings preview>: What you need to know
- earnings: {tick} - {co} Q{q} {year} <Earnings Call Slides|Earnings Call Transcript|Results -
  Slideshow>
- earnings: {co} <reaffirms|maintains|keeps> {year} guidance unchanged
- earnings: {tick} reports after the close today, options imply a {pct}% move either way
- earnings: {co} revenue of ${mil}M<| in Q{q}|>, matching estimates
- earnings: {co} <changes|moves> fiscal year end to {month}
- earnings: Notes from the {co} call: management <talks|discusses> {industry}, no new targets
- market: {tick} <trading sideways|flat on the day|unchanged>, <watching|waiting for direction>
- market: {index} <little changed|flat|mixed> as <traders await Fed|investors look to
  earnings|holiday thins volume>
- market: What's on the calendar for <stocks|markets|{index}> <this week|today>
- market: {index} futures <steady|little moved> ahead of <jobs report|Fed minutes|open>
- market: Today's most active <stocks|options>: {tick}, {tick2}, {t}
- market: {tick} {tick2} {index} charts for <Monday|tomorrow>
- market: Anyone <watching|following> {tick} <today|into the close>?
- market: Here's who owns the most {co} (NASDAQ:{t}) shares
- market: <Best And Worst|A list of> {industry} ETFs for {year}
- market: Best and worst months for the {index}: a short history
- market: How to read <a balance sheet|an options chain|the yield curve>: a beginner's guide
- market: Opening bell rung by {co} <to mark listing anniversary|this morning>
- company: {co} declares ${cents} <quarterly |>dividend
- company: {co} to present at <the|> {broker} <Healthcare|Technology|Industrials|Consumer>
  Conference<| on {month} {n}>
- company: {co} <names|appoints|hires> {person} as <CFO|chief marketing officer|general
  counsel|director>
- company: {co} files <8-K|for senior notes offering|its annual report|proxy statement>
- company: {co} <opens|moves to> new <office|headquarters|store> in {city}
- company: {co} schedules annual <meeting|general meeting> of shareholders for {month} {n}
- company: {co} CEO {person} <talks to|tells> <CNBC|Bloomberg|reporters> about <AI|the future of
  work|remote teams>
- company: {co} <mulls|considers|said to explore> <strategic options|sale of unit|listing in
  {city}>
- company: {co}: Notification of <Major Holdings|Change of Registered Office|Director
  Dealings|Total Voting Rights>
- company: {co} <unveils|launches|rolls out> <new logo|redesigned app|updated {industry} line>
- company: {person} to become {co} CEO on {month} {n}
- company: A look inside {co}'s <new factory|campus|test kitchen> in {city}
- company: {co} <founder|chairman> {person} writes <open letter|memoir>
- company: {co} and {co2} <sign memorandum of understanding|form working group> on {industry}
- company: {co} mourns passing of former <chairman|president> {person}
- macro: Fed's <Powell|Kashkari|Williams|Bullard> to speak at {n}pm ET
- macro: <Fed|ECB|Bank of England|RBA> <leaves rates unchanged|holds rates steady>, as expected
- macro: {country} {month} inflation at {pct}%, in line with forecast
- macro: What is <quantitative easing|the repo market|a yield curve inversion>? An explainer
- macro: {country} <finance minister|central bank chief> to meet <IMF|EU> officials in {city}
- macro: {country} <lines up|plans> ${mil} million bond sale
- macro: Treasury to <auction|sell> ${mil} billion in {n}-year notes
- macro: Economic calendar: <PMI, claims, home sales|GDP, PCE, sentiment> due
- macro: US GDP over time, <in one chart|chart of the day>
- macro: Economist {person} on <what comes next for|how to measure> <inflation|jobs|trade>
- macro: {country} to hold <elections|budget vote> in {month}: what investors are asking
- commodity: <Oil|Brent|Crude> <steady|little changed|flat> <as traders await OPEC meeting|ahead
  of inventory data>
- commodity: Gold <flat|unchanged|holds> near ${big}<| as market awaits Fed>
- commodity: <OPEC+|Oil ministers> to meet on {month} {n} to discuss output
- commodity: How <bitcoin|copper|natural gas|wheat> futures work
- commodity: {country} <imports|ships> {n2},000 tonnes of <wheat|onions|copper> <under annual
  quota|in {month}>
- commodity: Bitcoin <hovers|trades sideways> around ${big}
""",
}

SLOTS: dict[str, str] = {
    "driver": (
        "cloud demand; pricing power; cost cuts; strong holiday sales; subscriber growth; new "
        "product demand; data center strength; higher volumes; lower costs; international "
        "growth; ad sales; chip recovery; robust bookings; market share gains"
    ),
    "drag": (
        "weak demand; rising costs; supply chain snags; soft guidance; store closures; "
        "competition; tariff headwinds; currency losses; inventory glut; lawsuit charges; "
        "slowing growth; customer losses; higher debt; production delays"
    ),
    "industry": (
        "semiconductors; airlines; retail; biotech; banks; REITs; software; utilities; energy; "
        "restaurants; autos; cannabis; insurance; shipping; media; basic materials; telecom; "
        "homebuilders"
    ),
    "sector": (
        "banks; tech stocks; energy shares; miners; chipmakers; retailers; airlines; health "
        "stocks; small caps; automakers; utilities; industrials"
    ),
    "index": (
        "Dow; S&P 500; Nasdaq; FTSE 100; DAX; Nikkei; Hang Seng; STOXX 600; Sensex; TSX; ASX "
        "200; Russell 2000; CAC 40"
    ),
    "broker": (
        "Goldman Sachs; Morgan Stanley; Jefferies; Barclays; Citi; UBS; Credit Suisse; Deutsche "
        "Bank; Wells Fargo; KeyBanc; Piper Jaffray; Stifel; Raymond James; Oppenheimer; Cowen; "
        "RBC Capital; BMO; Wedbush; Needham; JMP Securities; BofA; Mizuho; Baird; Evercore ISI; "
        "SunTrust; MKM Partners"
    ),
    "country": (
        "China; Japan; Germany; India; U.K.; Canada; Brazil; Mexico; Australia; South Korea; "
        "Italy; Turkey; South Africa; France; Indonesia; Euro zone"
    ),
    "person": (
        "Laura Chen; Mark Oduya; Peter Halvorsen; Anita Rao; James Whitlock; Sofia Marin; Tom "
        "Beckett; Grace Oyelaran; David Kessler; Irene Fontana; Raj Malhotra; Ellen Brandt"
    ),
    "city": (
        "Austin; Dublin; Singapore; Phoenix; Nashville; Berlin; Toronto; Dallas; Shanghai; "
        "London; Sydney; Warsaw; Columbus; Tokyo; Miami; Bangalore"
    ),
    "month": (
        "January; February; March; April; May; June; July; August; September; October; "
        "November; December"
    ),
    "month3": "Jan; Feb; Apr; Jun; Aug; Oct; Dec",
}
