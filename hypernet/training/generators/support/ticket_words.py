"""Support tickets by department and by how urgent they are."""

from __future__ import annotations

from hypernet.training.generators.grammar_words import bars, skeletons

DEPARTMENTS: dict[str, tuple[str, ...]] = {}

DEPARTMENTS["billing"] = skeletons("""
I was [charged|billed] twice for [invoice {2000-9999}|my {plan} plan|{month}]
[the|my] invoice [for {month}|{2000-9999}|] [shows|lists] ${20-900} [but we agreed on|instead
    of] ${10-600}
[please|could you] send [me|us] a [copy|pdf|corrected version] of invoice {2000-9999}
why did my [monthly fee|subscription] go [up|from ${10-40} to ${41-90}]
[our|my] credit card [was declined|expired] , how do i [update|change] the payment
    [method|details]
[we|i] need the vat [number|id] on [our|the] [invoice|receipt]
a refund of ${20-500} [was promised|is still missing] since {month}
there is an unknown charge of ${5-90} from you on my [card|bank statement]
can we [pay|switch] [annually|by wire transfer|by purchase order] instead of by card
the discount code {code} was not applied to [my bill|the last invoice]
i cancelled in {month} yet you keep [charging|billing] me
our accounting [department|team] needs [a statement for {year}|all invoices of {year}]
the tax on invoice {2000-9999} is [wrong|calculated for the wrong state]
[is there|do you offer] a late fee if [i|we] pay [a few days after|in {month}]
you billed us for {20-90} seats , we only have {5-19}
""")
DEPARTMENTS["technical support"] = skeletons("""
the {software} [crashes|freezes|closes] [whenever i|every time i|as soon as i] [open a
    file|click export|press save|start it]
[getting|i get|users see] error {100-999} when [uploading|syncing|saving|connecting to the
    {software}]
the {software} [won't install|does not start] on [windows {10-11}|my mac|android {9-14}|ubuntu]
[pages|reports|search results] [load very slowly|time out|come up blank] since [the update|{day}]
[the|our] api returns [a 500|a 403|empty json|a timeout] for [every request|/v{2-3}/orders|the
    export endpoint]
my {device} [no longer connects to|keeps disconnecting from] [wifi|bluetooth|the {software}]
sync between [phone|tablet] and [desktop|laptop] [is broken|stopped|loses entries]
after [the update|version {2-9}.{0-9}] the [print|export|login|share] button [is gone|does
    nothing]
[notifications|emails from the {software}] [never arrive|come hours late]
my {device} [shows a black screen|won't turn on|reboots by itself|makes a clicking noise]
the [import|csv upload|backup] [fails|stops at {10-99}%] with ['file not valid'|no message|a red
    bar]
charts [are empty|show wrong dates] in [chrome|safari|firefox] but [fine|ok] in [edge|another
    browser]
firmware {2-9}.{0-9} on the {device} [failed to install|bricked it]
the camera [in|of] the {software} [stays black|is upside down] during calls
search in the {software} [finds nothing|ignores umlauts|returns deleted items]
""")
DEPARTMENTS["sales"] = skeletons("""
[we are|our company is] [interested in|looking at] [the|your] {plan} plan [for {20-900} users|]
[could|can] [someone|a rep] [call me about|give us a quote for] {20-900} [licenses|seats]
what is the [price|difference] [of|between] the {plan} [plan|] and [the|] {plan}
do you [offer|have] [a discount|special pricing] for [schools|non-profits|startups|resellers]
[i'd|we'd] like [a demo|a trial|a presentation] of the {software} [on {day}|next week|]
we want to upgrade from {plan} to {plan} , what [would it cost|do you propose]
is the {software} suitable for [a clinic|a law firm|a chain of {5-40} shops]
[please|] send [me|us] your [brochure|price list|latest catalogue]
we are comparing [you|the {software}] with [two|three] competitors , [what can you offer|why
    choose you]
how many users are included in the {plan} [plan|package]
can the {device} be bought in bulk , [about|say] {50-900} units
do you ship the {device} to [resellers|distributors] in [canada|asia|brazil]
is there a free version of the {software} [for students|to try first]
we'd like to become a [partner|reseller] [in {month}|]
who is the account manager for [the north|public sector|new customers]
""")
DEPARTMENTS["shipping"] = skeletons("""
[where is|what happened to] my [package|order|parcel] {2000-9999}
tracking [says|shows] [delivered|'out for delivery'] but [nothing is here|i got nothing|my porch
    is empty]
[order|parcel] {2000-9999} has not [moved|been scanned] since {day}
[can you|please] change the [delivery address|street number] [of|on] order {2000-9999}
how long does delivery [to {country}|of the {device}|] take
the courier [left it in the rain|never rang|threw it over the fence]
my [parcel|box] is stuck in customs [since {day}|in {country}]
half of [the|my] order is missing [from the box|, only the {device} came]
do you [offer|have] [express|saturday|overnight] delivery [to {country}|]
the tracking number [does not work|is not recognised|belongs to someone else]
i will be away on {day} , can you [hold|delay] the delivery
it says shipped [on {day}|{2-9} days ago] , [when will it arrive|still waiting]
the box arrived [crushed|open|wet] [but the {device} seems ok|]
can i pick up order {2000-9999} at [a store|the depot] instead
my neighbour's [parcel|{device}] was delivered to me
""")
DEPARTMENTS["returns"] = skeletons("""
[i want|i'd like] to [return|send back] [the|my] {device} [, it is not what i expected|, wrong
    color|, too big|]
how do i [get|print] a return label for order {2000-9999}
the {device} arrived [broken|scratched|faulty] , [please replace it|i want to exchange it]
can i [exchange|swap] the {device} for [a larger one|the blue one|another model]
what is your return [policy|window] [for opened boxes|for sale items|]
it has been {10-40} days , can i still [return|send back] the {device}
i sent the {device} back on {day} , did you [receive|get] it
you sent [the wrong {device}|a used {device}|two {device}s] , where do i send it back
is return postage free [for|from] {country}
i changed my mind about [order {2000-9999}|the {device}] , [how do i send it back|can it go back]
the size is wrong , need an exchange [asap|]
who pays [for|] the postage when i return a [gift|faulty {device}]
can i bring the {device} back to a store without the [box|receipt]
return rma {2000-9999} , no [confirmation|news] yet
i'd like to swap my gift for a voucher
""")
DEPARTMENTS["account access"] = skeletons("""
i [forgot|can't remember] my password and the reset [email|link] [never comes|has expired]
[locked|i'm locked] out [of my account|] after {3-9} [tries|attempts]
[someone|a stranger] logged [in|into my account] from {country}
the [two factor|2fa|verification] code [is always rejected|goes to my old phone|doesn't arrive]
how do i [change|update] the email [address|] [on|of] my [account|profile]
[please|] delete my account [and all data|]
i want to [close|merge] my two accounts
my [account|profile] was [suspended|disabled|blocked] [without reason|on {day}]
can you [unlock|reactivate] the [user|account] of [our new colleague|{name}]
[our admin|{name}] left the company , who can take over the [admin rights|owner role]
sign in with [google|apple|sso] [fails|loops back to the start page]
i suspect my account was hacked , [the email was changed|orders i never made]
it says my username [does not exist|is taken]
my captcha never works when i log in
add {name} as [an admin|a user] to our workspace
""")
DEPARTMENTS["human resources"] = skeletons("""
how many [vacation|sick] days do i have left [this year|in {year}]
[my|the] payslip for {month} [is missing|shows the wrong hours]
[who|where] do i [send|hand in] my [sick note|parental leave form] [to|]
i'd like to apply for the [position|job] of [engineer|cashier|nurse|analyst]
what is the [dental|health|pension] plan for [part-time staff|new hires]
my [address|last name|bank account] has changed , please update my [personnel|employee] file
when is the [onboarding|orientation] for [new hires|interns] in {month}
i need a [letter of employment|reference] for [my landlord|a visa]
can i [carry over|cash out] [unused|my] vacation [days|]
i want to report [harassment|a conflict] by a [colleague|manager]
is {day} a company holiday
[how|where] do i enroll in the [401k|training program]
{name} [is leaving|resigned] , what is the exit procedure
does the company pay for [childcare|a gym|language lessons]
my overtime in {month} was not [recorded|paid out]
""")

PRIORITIES: dict[str, tuple[str, ...]] = {}

PRIORITIES["critical"] = skeletons("""
[production|the whole site|the {software}] is down for [all|every] [users|customers] , [we lose
    money every minute|nobody can work]
data breach : customer records [are visible|leaked] [to anyone|online]
all [payments|checkouts|transactions] [fail|are rejected] since {2-9} [am|pm] , [zero sales|shop
    is closed]
[database|storage] [is corrupted|was wiped] and [the backup is gone|we're losing data right now]
none of our {40-900} [employees|agents] can log in , [work has stopped|we are at a standstill]
[ransomware|a virus] is spreading [through|across] our [servers|network] as we speak
the hospital [wards|er] cannot reach patient [files|records] , [lives are at stake|emergency]
[total|complete] outage in [all|every] region[s|] , [no workaround|everything is offline]
an attacker has admin access [right now|to all our accounts] , shut it down
[emergency|911] calls are not routed by your [system|{software}]
every {device} in {20-90} stores went dead at once
[smoke|sparks] coming out of the {device} , [it is still plugged in|someone got a shock]
[main|core] server room is flooding , everything is offline
we cannot ship a single order , the [entire|whole] warehouse system is dead
money is being transferred out of client accounts without consent this minute
""")
PRIORITIES["high"] = skeletons("""
[about|roughly] half of [our|the] [users|team] can't [log in|save|print] since this morning
[exports|reports] fail and [payroll|the board meeting|the audit] is tomorrow
the {software} is [extremely|painfully] slow for [the whole|our entire] department , we barely
    manage
[one of|] [our|the] [two|main] printers is dead and [invoices|labels] must go out today
a [key|major] customer cannot access [the portal|their account] and is [angry|threatening to
    leave]
[email|phones] down in [one office|our london branch] , other sites ok
the demo for [an investor|a big client] is at {2-5} pm and the {software} [crashes|won't start]
my [laptop|{device}] died and i present [in two hours|this afternoon]
[nightly|hourly] backup has failed {3-6} times in a row
orders [above|over] ${200-900} [fail|get stuck] at checkout , smaller ones work
sync has stopped for [a third|a quarter] of our shops , they use paper for now
the only workaround takes {2-4} hours per [order|ticket] and the deadline is {day}
[vpn|remote access] is out for all home workers , office is fine
several customers were charged twice [this morning|today] , more are calling
our release is blocked by [this bug|error {100-999}] , we go live on {day}
""")
PRIORITIES["medium"] = skeletons("""
[one|a single] user cannot [print|upload files] , [others are fine|using a colleague's for now]
the [filter|sort|date picker] in the {software} gives [wrong|odd] results , we [use excel|scroll
    by hand] instead
[report|page] {2-9} takes about a minute to load , [it used to be quick|a bit annoying]
[sometimes|now and then] the {software} logs me out , logging in again helps
notifications arrive [an hour|{2-5} hours] late [for me|]
my second monitor [flickers|isn't detected] , the first one is ok
the mobile app crashes on [old phones|android {7-9}] , the website works
please set up [accounts|laptops] for {2-5} new colleagues starting [in two weeks|next month]
[the|our] export has a [wrong|missing] column , we add it by hand each week
search does not find [orders from {year}|names with accents] , browsing does
{name} needs access to [the shared drive|the archive] by next week
[the|my] {device} disconnects about once a day , replugging fixes it
can't attach files over {10-25} mb , sending links instead
the french version of [the invoice|the form] has [wrong dates|untranslated fields]
the scanner [skips|doubles] pages every so often
""")
PRIORITIES["low"] = skeletons("""
[there's a|small] typo [on|in] the [about page|footer|help text] : '{typo}'
[would be nice|it would be great] [to have|if you added] [a dark mode|an emoji picker|more
    colors] [some day|]
[how do i|where can i] change my [profile picture|signature|wallpaper] [? no rush|]
[just|] a suggestion : make the logo [bigger|smaller|clickable]
could i get a [new mouse pad|second charger|headset] whenever there is stock
the icon [in|of] the {software} looks [a bit blurry|slightly off-center] on my screen
is there a [keyboard shortcut|manual] for the {software} ? [just curious|no hurry]
please [remove|add] me [from|to] the newsletter
the color of the [button|header] doesn't match [our brand|the others]
when you have time , [update the phone list|rename folder '{name}'|archive the {year} files]
an outdated [year|photo] is shown in the footer
the [tooltip|label] says {year} , should be {year} , cosmetic only
thank you for the quick help yesterday , [you can close this|all good now]
question out of curiosity : which [font|library] does the {software} use
wondering if a [round|wooden] version of the {device} is planned
""")

SLOTS: dict[str, tuple[str, ...]] = {
    "plan": ("basic", "pro", "premium", "enterprise", "starter", "team", "family", "gold"),
    "month": bars("""
january|february|march|april|may|june|july|august|september|october|november|december
"""),
    "year": tuple(str(year) for year in range(2015, 2026)),
    "code": ("SPRING15", "WELCOME", "BF2023", "SAVE10", "FRIENDS"),
    "software": bars("""
dashboard|mobile app|desktop client|crm|portal|web shop|calendar app|chat tool|
time tracker|booking system|pos software|vpn client|ticket system|photo editor|
inventory tool
"""),
    "device": bars("""
router|tablet|headset|scanner|camera|printer|watch|keyboard|monitor|card reader|speaker|
thermostat|docking station|vacuum robot
"""),
    "day": ("monday", "tuesday", "wednesday", "thursday", "friday", "the 14th", "last week"),
    "country": bars("france|japan|brazil|norway|mexico|poland|australia|kenya|portugal|turkey"),
    "name": ("Maria", "Jon Peters", "Ms. Okoye", "Ahmed", "our intern", "Lena", "Mr. Braun"),
    "typo": ("recieve", "adress", "seperate", "wellcome", "calender", "teh team", "contcat us"),
}
GREETINGS = bars("""
Hi,|Hello,|Hey team,|Good morning,|Dear support,|hi there|To whom it may concern,|
Hello again,|Hi all,||||
""")
CLOSINGS = bars("""
Thanks!|Thank you.|Best, {name}|Regards|Please advise.|Let me know.|Cheers|
Thanks in advance|Kind regards, {name}|sent from my phone|||||
""")
