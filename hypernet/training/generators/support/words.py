"""Requests to assistants, banks and travel desks by intent."""

from __future__ import annotations

from hypernet.training.generators.grammar_words import bars, skeletons

INTENTS: dict[str, tuple[str, ...]] = {}

INTENTS["translate"] = skeletons("""
how [do you|would you|do i|can i] say {phrase} in {language}
translate {phrase} [to|into] {language} [please|]
what is {phrase} in {language}
what's the {language} word for {noun}
[i need|give me] {phrase} translated [to|into] {language}
how would they say {phrase} [if they were|in] {country}
[can|could] you tell me how to say {phrase} [in {language}|like people in {country}]
say {phrase} in {language} [for me|]
if i were [in {country}|{language}] , how would i say {phrase}
what do they say for {phrase} in {country}
{language} for {phrase}
i'd like to know the {language} [term|expression] for {phrase}
""")
INTENTS["transfer"] = skeletons("""
transfer {money} from [my|] {account} to [my|] {account}
[move|send|shift] {money} [over|] [from|out of] {account} [into|to] {account}
[i want|i need|i'd like] to [move|transfer] money [between my accounts|from {account} to
    {account}|to {name}]
[please|] send {money} to {name} [from my {account}|]
[can|could] you [help me|] transfer {money} to {account} [, please|]
make a transfer of {money} to {name}
put {money} [from {account}|] into {account}
take {money} out of {account} and put it in {account}
initiate a transfer [of {money}|] between {bank} and {bank}
i [wanna|want to] wire {money} to {name}
complete a {money} transfer [from {account}|] to {account}
from {account} to {account} , {money} [please|]
""")
INTENTS["timer"] = skeletons("""
set a timer [for {minutes}|please|]
[start|begin] a {minutes} [timer|countdown]
[can|could|would] you [time|set a timer for] {minutes} [for me|]
i need a timer [for {minutes}|for the {food}|]
[let me know|ping me|beep] when {minutes} [are|have] [up|passed]
count down {minutes}
timer , {minutes}
put {minutes} on the timer
[stop|pause|cancel|resume] the timer
how much time [is left|remains] on [the|my] timer
give me {minutes} starting now
make a timer that ends in {minutes}
add {minutes} to [the|my] timer
""")
INTENTS["definition"] = skeletons("""
define {word}
what['s| is] the [definition|meaning] of {word}
what does [the word|] {word} mean
[tell|give] me the definition [of|for] {word}
[look up|find] {word} in the dictionary
what is meant by {word}
explain the word {word}
what would {word} mean
[do you know|can you tell me] what {word} means
i don't know the word {word} , [what is it|help]
meaning of [the word|] {word}
how does the dictionary describe {word}
if someone [is|calls me] {word} , what does that mean
""")
INTENTS["meaning of life"] = skeletons("""
what['s| is] the [meaning|purpose|point] of life
why are we [here|alive|on this planet]
[tell|explain to] me the [meaning|purpose] of [life|existence]
is there [a|any] [meaning|reason|point] to [life|all this|our existence]
what do you [think|believe|say] [life is about|is the point of living|we live for]
does life [have|hold] [any|a] [meaning|purpose]
what is it all for , this life
how [can|do] i find [meaning|purpose] in life
what is the [reason|purpose] [we exist|humans exist|for being alive]
[what makes|why is] life [worth living|so meaningful]
i wonder why we exist
give me your [theory|opinion] on the purpose of [life|man|existence]
what's [our|my] purpose [on earth|in this world|in life]
""")
INTENTS["insurance change"] = skeletons("""
[i want|i need|i'd like] to [change|switch|modify|update] my [{insurance}|] insurance
    [plan|policy|provider|]
how [do|can|would] i [change|adjust|edit|switch] my [{insurance}|] insurance [coverage|policy|]
[can|could] you [help me|] [switch|change] [my|our] insurance [to a cheaper one|plan|policy]
add {relative} to my [{insurance}|] insurance
i [am|'m] unhappy with my [{insurance}|] insurance , [what other plans are there|let me change it]
[get|find] me a new insurance [plan|policy]
take {relative} off my [{insurance}|] insurance [policy|]
is it possible to [upgrade|lower|alter] my [{insurance}|] insurance [coverage|plan]
what steps do i take to change insurance
raise the coverage on my {insurance} insurance
i got a new car , so change my insurance
switch me to a different insurance [policy|plan]
""")
INTENTS["find phone"] = skeletons("""
[where is|where's|where did i put|where did i leave] my [phone|cell|cellphone|smartphone]
[find|locate|track down] my [phone|cell phone|iphone|android]
i [lost|misplaced|can't find] my [phone|cell] [, help|again|somewhere in the house|]
[can|could] you [help me|] [find|locate|ring] my [phone|cell phone]
my phone is [missing|lost|gone] [, find it|, where is it|]
make my phone [ring|beep] so i can find it
do you know where my [phone|mobile] is
help , i don't know where my [phone|mobile] [is|went]
what is the location of my [phone|device]
i left my phone [in the|at the] {place} , [can you track it|locate it]
[please|] show me where my phone is
call my phone , i can't find it
""")
INTENTS["travel alert"] = skeletons("""
[is|are] there [any|a] travel [alert|alerts|advisory|warning|warnings] for {country}
[is|would] it [be|] safe to [travel|go] to {country} [right now|]
[tell|give] me [any|the] travel [alerts|warnings] for {country}
what [travel advisories|travel alerts|warnings] [are there|exist] for {country}
should i be [worried|careful] about traveling to {country}
has the government issued a travel [warning|alert] for {country}
do i need to worry about safety in {country}
how dangerous is {country} for [tourists|visitors] [these days|]
check the travel alert status of {country}
any [alerts|safety warnings] before i [fly|travel] to {country}
look up {country} travel [alert|warnings]
are [tourists|travelers] warned about {country}
""")
INTENTS["book flight"] = skeletons("""
[book|get|find|reserve] me a [flight|plane ticket] [from {city} to {city}|to {city}] [on {day}|]
i [need|want] [to fly|a flight] [from {city}|] to {city} [on {day}|with {airline}|]
[are there|show me] [any|] flights [leaving|from] {city} [to {city}|] [on {day}|]
[can|could] you [book|get] a [round trip|one way|cheap] [flight|ticket] to {city}
i'd like to [book|reserve] a seat on {airline} [from {city}|] to {city}
fly me to {city} [on {day}|tomorrow morning] [for less than {money}|]
look for [nonstop|direct|cheap] flights between {city} and {city}
help me [buy|find] [plane tickets|airfare] to {city}
get [two|three|four] tickets from {city} to {city} [for {day}|]
what [is the cheapest flight|flights are there] to {city} [on {day}|]
plane ticket {city} {city} {day}
i must be in {city} by {day} , find me a flight
""")
INTENTS["pto request"] = skeletons("""
[i'd like|i want|i need] to [request|put in for|take] [pto|time off|vacation days] [from {day}
    to {day}|for {day}|]
[put in|submit|make|file] a [pto|time off|vacation] request [for {day}|from {day} to {day}|]
[can|could] i [request|get|have] [{day}|next week|the week of {day}] off
how do i [ask for|request] [time off|pto|vacation]
request [leave|a day off|vacation] [on {day}|starting {day}]
i need [{day}|a few days] off [for a wedding|to see {relative}|]
[please|] tell my boss i want {day} off
schedule my vacation from {day} to {day}
ask for pto [on|for] {day}
i [plan|hope] to be off [on {day}|from {day} to {day}] , put that request in
[start|open] a vacation request
""")
INTENTS["oil change when"] = skeletons("""
when [is|was] my [next|] oil change [due|supposed to be|]
[when|how soon] [do i need|should i get|will i need] [an|my next] oil change
how [many miles|long|much longer] [until|before] [my|the] [next|] oil change
is my {car} due for an oil change [yet|]
[what day|when] [should|must] the oil [in my {car}|] be changed
how often [do i have to|should i] change the oil [in my {car}|]
do i need [new oil|an oil change] [soon|yet|this month]
tell me when to change [my|the] oil [next|]
when was the oil in my {car} last changed and when is it due again
what month is my oil change
how far can i drive before the oil needs changing
""")
INTENTS["recipe"] = skeletons("""
[how do i|how can i|tell me how to|what do i need to] [make|cook|bake] [a|some|] {food}
[find|get|show|look up] [me|] [a|an easy|a good] recipe for {food}
what's [a good|the best|your favorite] {food} recipe
[what is|what's] the [best way|right way] to [make|prepare] {food}
i want to [make|cook] {food} , how [is it done|do i start]
steps for making {food}
do you [know|have] [a|any] [recipe|recipes] for {food}
teach me to cook {food}
give me instructions for [homemade|grandma's|vegan] {food}
how [is|do you make] {food} [made|from scratch]
{food} recipe [please|]
i'd like to learn how to make {food}
""")
INTENTS["play music"] = skeletons("""
play [some|] [{genre}|{artist}|my {genre} playlist]
[can|could] you [play|put on] [some|the new album by|] {artist}
i [want|feel like|need] to hear [{artist}|some {genre}]
put on [some {genre}|{artist}|{song}]
[play|start] [the song|] {song} [by {artist}|]
turn on [some {genre}|the radio|my party music]
let me hear {song}
[shuffle|loop] [{artist}|my {genre} songs]
start [playing|] {genre} music
[queue up|crank up] [{artist}|{song}]
[next|skip this] song , i want {artist}
find {song} and play it
""")
INTENTS["credit score"] = skeletons("""
what['s| is] my [current|] credit [score|rating]
[tell|give|show] me my credit [score|rating]
[can|could] you [check|look up|pull] my credit [score|rating] [please|]
is my credit [score|] [good|bad|high enough]
[how|where] [can|do] i [find|see|check] my credit [score|rating]
i want to know my credit score
do you know [my|what my] credit [score|rating is]
how's my credit [score|] [looking|these days|]
what is my [fico|experian|transunion] score
did my credit [score|rating] [go up|drop|change]
look up my credit [score|rating]
""")
INTENTS["weather"] = skeletons("""
[what's|what is|how is|how's] the weather [like|] [in {city}|today|on {day}|outside|]
[will|is] it [going to|gonna] [rain|snow|be hot|be windy] [in {city}|on {day}|tomorrow|]
do i need [an umbrella|a coat|sunscreen] [today|on {day}|in {city}]
[tell|give] me the [weather|forecast|temperature] [for {city}|for {day}|]
what's the forecast [for {day}|in {city}|]
how [hot|cold|warm|humid] is it [outside|in {city}|going to be on {day}]
is [a storm|rain|snow] [coming|expected] [to {city}|on {day}|]
what [is the high|will the low be] [for today|on {day}|in {city}]
[chance|odds] of rain [on {day}|in {city}]
current temperature in {city}
check the weather [for me|in {city}|]
""")
INTENTS["tell joke"] = skeletons("""
[tell|give] me a [joke|funny joke|good one|knock knock joke]
[do you know|got] any [good|] jokes [about {animal}s|]
make me laugh
[say|tell me] something [funny|hilarious]
i [want|need] to [laugh|hear a joke] [, help me out|]
[can|could] you [tell me|crack] a joke [about {animal}s|]
what's the [funniest|best] joke you know
let's hear a joke
[cheer me up|humor me] with a joke
give me your best [{animal}|dad|] joke
know any jokes about [{animal}s|doctors|{country}]
""")
INTENTS["card lost"] = skeletons("""
i [lost|can't find|misplaced] my [{card}|] card
my [{card}|] card [was stolen|is missing|got left in a taxi|disappeared]
someone [stole|took] my [purse|wallet] with my {card} card [in it|]
[report|i need to report] a [lost|stolen|missing] [{card}|] card
[what do i do|help ,] [i lost my card|my card has been stolen]
how do i report that my {card} card is [lost|gone|stolen]
i [left|forgot] my [{card}|] card at [the {place}|a shop] and [it's gone|nobody has it]
my wallet fell out and now my {card} card is gone
please cancel my {card} card , i lost it
i think i dropped my {card} card [in the {place}|somewhere]
""")
INTENTS["freeze account"] = skeletons("""
[freeze|lock|block] my {account} [account|] [right now|please|]
[can|could] you put a [hold|freeze|block] on my [{bank}|] [account|{account}]
[i want|i need] my [bank|] account [frozen|locked] [immediately|]
put a stop on my {account}
how do i [freeze|lock] my [bank|] account
[stop all activity|don't allow any payments] on my {account}
is it possible to [freeze|block] my {account} [for a while|]
lock down my {bank} account [, i think i was hacked|]
place a temporary freeze on my account
""")
INTENTS["report fraud"] = skeletons("""
[there's|i see|i found] a [charge|transaction|payment] [of {money}|] [i didn't make|i don't
    recognize] [from {shop}|]
[i want|i need] to report [fraud|a fraudulent charge|a suspicious transaction] [on my {card}
    card|]
i never [bought|ordered] anything [from|at] {shop} [but was charged {money}|]
somebody [used|is using] my {card} card [without permission|in {country}|online]
[dispute|flag] a [{money}|] [charge|transaction] [from {shop}|] that isn't mine
what is this {money} charge from {shop} , it wasn't me
my account shows a purchase in {city} that i didn't make
i think my {card} card [was hacked|number was stolen] , there are odd [charges|payments]
fraudulent [activity|payment] on my account
unknown [charge|withdrawal] for {money} , please investigate
""")
INTENTS["balance"] = skeletons("""
[what's|what is|tell me] [my|the] [current|] balance [in|of|on] [my|] {account}
how much [money|] [do i have|is left|is there] in [my|] {account}
[check|show] my [bank|account|{account}] balance
do i have [at least|more than|enough for] {money} in [my|] {account}
[can|could] you [tell me|look up] how much is in [my|] {account}
balance for {account} [please|]
what's sitting in my {account}
is there enough in {account} to [buy|pay for] [a {noun}|groceries]
how's my {account} [looking|doing]
give me [the total of|the balances of all] my accounts
""")
INTENTS["pay bill"] = skeletons("""
[pay|settle] my {bill} bill [from {account}|with my {card} card|please|]
[i want|i need|i'd like] to pay [the|my] {bill} bill [today|now|]
[can|could] you pay {money} [on|towards] my {bill} bill
make a payment [of {money}|] [on|to] [my|the] {bill} [bill|company]
use {account} to pay [the|my] {bill} bill
schedule [a|my] {bill} [bill|] payment for {day}
take care of the {bill} bill [for me|]
send {money} to the {bill} company for this month's bill
pay off my {bill} bill
""")
INTENTS["bill due"] = skeletons("""
when is my {bill} bill due
[what day|what date|when] do i [have|need] to pay [my|the] {bill} bill [by|]
how long do i have [left|] to pay [my|the] {bill} bill
[tell me|what's] the due date [of|for|on] [my|the] {bill} bill
is my {bill} bill due [yet|soon|this week|on {day}]
when's the [last day|deadline] to pay {bill}
did i miss the due date for {bill}
by which day must the {bill} bill be paid
""")
INTENTS["interest rate"] = skeletons("""
what['s| is] [the|my] interest rate [on|for] [my|the] [{card} card|{account}|loan]
how much interest [am i paying|do i get|do i earn] on [my|the] [{account}|{card} card|mortgage]
[tell|give] me the [current|] interest rate [at {bank}|on savings|]
what [rate|apr] does {bank} [offer|charge] [on loans|]
is the interest [rate|] on my {card} card [going up|high|fixed]
what percentage interest [does|will] my {account} [earn|make]
interest rate [for|on] a [car loan|mortgage|personal loan]
look up the apr [of|on] my {card} card
""")
INTENTS["new card"] = skeletons("""
[i want|i'd like|how do i|can i] [to|] [apply for|get|order|sign up for] a [new|] {card} card
where do i apply for a {card} card [with {bank}|]
[start|open] [an application for|] a new {card} card
what do i need to [get|apply for] a {card} card
am i [eligible|able to apply] for a {card} card [from {bank}|]
help me [get|choose] a [travel|student|business] credit card
send me an application for a {card} card
i need another {card} card for {relative}
""")
INTENTS["exchange rate"] = skeletons("""
what['s| is] the exchange rate [between {currency} and {currency}|for {currency}|]
how many {currency} [can i get for|are in|is] {money}
[convert|change] {money} [to|into] {currency}
how much is [a dollar|{money}] in {currency}
[tell me|give me] the {currency} to {currency} [rate|conversion]
if i have {money} , how many {currency} is that
are {currency} worth more than {currency} [today|]
what do {currency} go for [right now|these days]
{money} in {currency} [please|]
""")
INTENTS["pin change"] = skeletons("""
[i want|i need|i'd like] to [change|reset|update] [my|the] pin [for my {card} card|number|]
[how|where] [can|do] i [change|reset] my pin [code|number|]
i forgot my pin [for {account}|number|, help|]
[can|could] you help me [set|choose] a new pin
my pin [isn't working|is blocked after three tries] , [reset it|i want a new one]
set my {card} card pin to something else
what's the process to change a pin [at {bank}|]
is changing my pin possible [at an atm|abroad|in the app]
""")
INTENTS["direct deposit"] = skeletons("""
[how do i|help me|can i] set up direct deposit [with|at|to|for] [{bank}|my {account}|my job]
[i want|i need] my paycheck [deposited|sent] straight to [my|] {account}
what [is needed|forms do i need] for direct deposit
get my [salary|paycheck|wages] paid directly into {bank}
[can|does] {bank} [do|handle|support] direct deposit
i'd like to start direct deposit [of my paycheck|]
where do i sign up for direct deposit
when will my direct deposit [start|be active]
""")
INTENTS["spending history"] = skeletons("""
[how much|what] [did|have] i [spend|spent] [on {category}|at {shop}|last month|this week]
[show|list|give] me my [recent|last] [transactions|purchases] [on {category}|at {shop}|]
what [were|are] my last {3-9} [purchases|transactions]
[where|on what] did my money go [last month|this week]
total [spending|spend] on {category} [since {day}|this year|]
how much money goes to {category} [each month|every week]
[pull up|display] my [spending|transaction] history
what have i bought [at {shop}|with my {card} card] [lately|]
""")
INTENTS["cancel reservation"] = skeletons("""
[cancel|call off] my [dinner|] [reservation|booking] [at {restaurant}|for {number}|on {day}|]
[i need|i want|i have] to cancel [our|my] [table|reservation] [at {restaurant}|]
[we|i] [won't make it|can't come] to {restaurant} [on {day}|] , [cancel it|please cancel the
    table]
[can|could] you [please|] cancel the {restaurant} reservation [under {name}|]
tell {restaurant} [we're not coming|to drop my booking]
nix my reservation for {number} at {restaurant}
undo the booking at {restaurant} [for {day}|]
scrap my dinner plans at {restaurant} , cancel the table
""")
INTENTS["restaurant reservation"] = skeletons("""
[book|reserve|get] [me|us|] a table [for {number}|] at {restaurant} [on {day}|at {hour}|]
[make|i need|i'd like] a [dinner|lunch|] reservation [at {restaurant}|for {number}] [at
    {hour}|on {day}|]
[can|could] [you|i] [get|reserve] a table for {number} [at {hour}|] [at {restaurant}|]
set up a reservation at {restaurant} under [the name|] {name}
see if {restaurant} has a table for {number} [on {day}|]
i want to eat at {restaurant} [on {day}|at {hour}] with {number} people , book it
party of {number} at {restaurant} [for {hour}|] , please
call {restaurant} and reserve for {number}
""")
INTENTS["restaurant reviews"] = skeletons("""
[is|are the reviews of] {restaurant} [any good|good|worth it]
[what do people|how do people] [say|think] about {restaurant}
[show|find|read] me reviews [for|of] {restaurant}
how [many stars|well rated] is {restaurant}
does {restaurant} have good [reviews|ratings]
what's the rating of {restaurant} [on yelp|]
do people like the {food} at {restaurant}
tell me how {restaurant} is reviewed
""")
INTENTS["calories"] = skeletons("""
how many calories [are|does] [in|] [a|one|a slice of|a bowl of|] {food} [have|]
what's the calorie [count|content] of {food}
is {food} [high|low] in calories
[tell|give] me the calories [in|of|for] {food}
how fattening is {food}
[number of|total] calories in {food}
will {food} put me over {100-900} calories
calories of {food} and {food}
""")
INTENTS["ingredient substitution"] = skeletons("""
what can i use [instead of|in place of|to replace] {ingredient} [in {food}|]
can i [swap|substitute|replace] {ingredient} [for|with] {ingredient} [in {food}|]
i [have no|ran out of|don't have] {ingredient} , [what else works|can i use {ingredient}]
is {ingredient} a good [substitute|replacement] for {ingredient}
what's a [vegan|healthy|cheap|good] substitute for {ingredient}
would {ingredient} work [instead of|in place of] {ingredient}
swap out {ingredient} in a {food} recipe for what
""")
INTENTS["shopping list add"] = skeletons("""
[add|put] {ingredient} [and {ingredient}|] [to|on] my [shopping|grocery] list
[i need|we need] to [buy|get] {ingredient} , [put it on the list|add that to my shopping list]
[please|] put {ingredient} on the [shopping|grocery] list
don't let me forget {ingredient} , list it for shopping
[can|could] you add [some|more] {ingredient} to the [grocery|shopping] list
shopping list : add {ingredient}
include {ingredient} on my list for the [store|supermarket]
""")
INTENTS["reminder"] = skeletons("""
remind me to {chore} [on {day}|at {hour}|tomorrow|in {minutes}]
[set|create|make] a reminder [to {chore}|for {hour}] [on {day}|]
[don't let me forget|make sure i remember] to {chore}
[can|could] you remind me [on {day}|at {hour}] to {chore}
i [need|want] a reminder to {chore}
at {hour} , remind me that i have to {chore}
put in a reminder about [{relative}'s birthday|the meeting with {name}]
""")
INTENTS["alarm"] = skeletons("""
[set|make|create] an alarm for {hour} [on {day}|tomorrow|]
wake me [up|] at {hour} [on {day}|]
[i need|i want] to [be up|get up|wake up] [at|by] {hour}
[can|could] you wake me at {hour}
[turn off|cancel|delete] [my|the] {hour} alarm
alarm [at|for] {hour}
what time is my alarm set for
have an alarm go off [every day|on {day}] at {hour}
get me out of bed by {hour}
""")
INTENTS["calendar"] = skeletons("""
what['s| is| do i have] on my calendar [for {day}|today|next week]
[add|put] {event} [to|on|in] my calendar [for {day}|at {hour}|]
am i [busy|free] [on {day}|at {hour}|on {day} at {hour}]
[delete|remove|clear] {event} from my [calendar|schedule]
schedule {event} [with {name}|] [for|on] {day}
when is {event} [on my calendar|]
do i have [anything|{event}] [planned|scheduled] [on {day}|]
is {event} on my [calendar|agenda]
""")
INTENTS["directions"] = skeletons("""
[how do i|what's the best way to] get [from {city}|] to [the|] {place}
[give|show] me directions to [the|] {place}
[navigate|take me|guide me] to [the nearest|the|] {place}
what [route|road|bus] [should i take|goes] to [the|] {place} [from here|]
i need directions to {restaurant}
which way is [the|] {place}
turn by turn to {restaurant} [please|]
fastest way to [the|] {place} from the {place}
""")
INTENTS["traffic"] = skeletons("""
[how's|how is|what's] [the|] traffic [on the way to|near|to] [the|] {place} [like|]
is there [a lot of|any|bad] traffic [on|to] [the {place}|highway {10-99}|the bridge]
[will|is] [the traffic|it] [be|] [bad|backed up] [at {hour}|around the {place}]
any [accidents|delays|jams] on [highway {10-99}|the way to {city}|my route]
should i expect [traffic|delays] [to work|at {hour}]
how [busy|clear] are the roads [to {city}|right now]
check the traffic [for me|to {city}|]
""")
INTENTS["gas level"] = skeletons("""
how much [gas|fuel] [is left|do i have] [in my {car}|in the tank|]
[do i|does my {car}] need [gas|fuel|to be filled up]
is [my|the] [tank|{car}] [full|empty|almost out of gas]
[check|tell me|what's] the [gas|fuel] level [in my {car}|of my {car}|]
will i make it to {city} on the gas i have
am i [low|running low] on [gas|fuel]
can i drive {20-200} more miles without filling up
""")
INTENTS["tire pressure"] = skeletons("""
[what's|check|tell me] [the|my] tire pressure [on my {car}|]
[are|is] [my|the] tires [low|flat|okay|properly inflated]
do [my|the] tires need [air|inflating] [before {day}|]
how [much air|many psi] [is|do i have] in my [front|rear|] tires
is the air [in my tires|pressure in the tires] [low|okay|good]
does the {car} need air in its tires
""")
INTENTS["uber"] = skeletons("""
[get|call|order|book] me [an uber|a taxi|a cab|a ride] [to [the|] {place}|now|for {number}|]
i need [an uber|a ride|a cab] [from {restaurant}|to the {place}] [at {hour}|]
[can|could] you [order|get] [a car|an uber|a lyft] to take me to [the|] {place}
how long until [an uber|a taxi] could [be here|pick me up]
send [a cab|an uber] to the {place} [for {number} people|]
have a driver pick me up at {hour}
""")
INTENTS["smart home"] = skeletons("""
[turn|switch] [on|off] the {appliance} [in the {room}|]
[dim|brighten] the {room} lights [to {10-90} percent|]
[set|turn] the [thermostat|heating|ac] [to|up to|down to] {60-80} [degrees|]
is the {appliance} [in the {room}|] [on|off|still running]
[lock|unlock|close] the [front door|garage|back door|blinds]
make [it|the {room}] [warmer|cooler|brighter]
kill the lights in the {room}
did i leave the {appliance} on
""")
INTENTS["todo list"] = skeletons("""
[what's|what is|read me] [on|] my to do list [for today|]
[add|put] {chore} [to|on] my to do list
[remove|cross|take] {chore} [from|off] my [to do|todo] list
is {chore} [already|] on my [to do list|list of tasks]
what [tasks|chores] do i [still|] have [to do|left] today
[clear|empty] my todo list
mark {chore} as done
""")
INTENTS["book hotel"] = skeletons("""
[book|find|get|reserve] [me|] a [room|hotel|hotel room|suite] in {city} [from {day} to {day}|for
    {number} nights|near the {place}|]
i need [a place to stay|a hotel|somewhere to sleep] in {city} [on {day}|]
[are there|show me] [any|] [hotels|rooms] [available|] in {city} [under {money} a night|with a
    pool|with good reviews]
[can|could] you reserve a hotel [near|by] the {place} in {city}
look for a {number} person room in {city}
what hotels in {city} have [free parking|breakfast|vacancies] [on {day}|]
""")
INTENTS["flight status"] = skeletons("""
[is|has] [my flight|flight {100-999}|the {airline} flight to {city}] [on
    time|delayed|landed|departed] [yet|]
[what's|check|tell me] the [status|gate] of [my flight|flight {100-999}|{airline} {100-999}]
when [does|will] [my flight|flight {100-999}|the plane from {city}] [land|board|take off|arrive]
how late is [flight {100-999}|my plane|the {airline} flight from {city}]
did {airline} {100-999} [leave|get in] [already|]
what time do i [board|start boarding] [for {city}|]
""")
INTENTS["lost luggage"] = skeletons("""
[my|our] [luggage|bag|suitcase] [is lost|didn't arrive|never showed up|is missing] [in
    {city}|after my {airline} flight|]
{airline} [lost|misplaced] my [luggage|bags|suitcase] [, what now|, help me|]
[where|how] do i [report|find|track] [lost|missing] luggage [with {airline}|at the airport|]
i [can't find|am missing] my [suitcase|bag] after [flying|landing] [to|in] {city}
i need to file a [claim|report] for my lost [luggage|bag]
help me get my bags back from {airline}
""")
INTENTS["carry on"] = skeletons("""
[how many|how big can the] [carry on|carry-on] bags [am i allowed|be] [on|with] {airline}
[what are|tell me] the carry on [rules|limits|restrictions] [for|of|on] {airline}
can i [bring|take] [a {noun}|my guitar|liquids] [in my carry on|into the cabin] [on {airline}|]
what's the [size|weight] limit for a carry on [with {airline}|to {city}|]
does {airline} [charge|allow] [for|] carry on [bags|luggage]
will a [backpack|{noun}] count as my carry on
""")
INTENTS["visa question"] = skeletons("""
do i need a visa [for|to visit|to enter] {country}
[how|where] do i [get|apply for] a visa [for|to] {country}
[what|which] visa [do i need|is required] [for|to work in] {country}
can [i|americans|germans] [travel to|enter] {country} without a visa
is a visa [needed|necessary] for {country}
how long does a visa for {country} take
visa rules for {country}
""")
INTENTS["plug type"] = skeletons("""
[what|which] [plug|outlet|socket] [type|] [do they use|is used] in {country}
do i need [an adapter|a converter] [for|in] {country}
will my [charger|hair dryer|american plug] [work|fit] in {country}
are the [outlets|sockets] in {country} different
what kind of [power adapter|plug converter] should i [bring|pack] for {country}
can i plug in my [laptop|shaver] in {country}
""")
INTENTS["vaccines"] = skeletons("""
[what|which] [vaccines|shots|vaccinations] do i need [for|before going to|to visit] {country}
do i need [any|] [shots|vaccinations|a yellow fever shot] [to travel|] to {country}
are there [required|recommended] [vaccines|shots] for {country}
should i get [vaccinated|my shots] before {country}
is the [typhoid|malaria|hepatitis] vaccine needed in {country}
what immunizations does {country} require
""")
INTENTS["order status"] = skeletons("""
[where is|what's the status of|track] my [order|package|{shop} order] [number {1000-9999}|]
[when|what day] will my [package|order|{noun}] [arrive|be delivered|get here]
has my [order|{noun}|package] [shipped|been sent|left the warehouse] [yet|]
my {shop} [order|package] [still hasn't come|is late] , [where is it|can you track it]
check on order {1000-9999}
is my {noun} [on its way|out for delivery] [yet|]
""")
INTENTS["jump start"] = skeletons("""
how do i jump start [a|my] {car}
[my|the] {car} battery is dead , how do i jump it
[can|could] you [explain|tell me|show me] how to jump start a [car|battery]
what do i [need|do] to jump start my {car}
steps to jump a [car|dead battery]
in what order do the jumper cables go on my {car}
""")
INTENTS["schedule maintenance"] = skeletons("""
[make|schedule|book] an appointment [to get|for] my {car} [serviced|fixed|checked] [on {day}|]
[i need|i want] to [bring|take] my {car} in [for maintenance|for service|for new brakes] [on
    {day}|]
[can|could] you book [a mechanic|the garage|a tune up] for [my {car}|{day}]
my {car} is [making a noise|overdue for service] , set up an appointment [with a mechanic|]
when can the [shop|dealer] look at my {car}
reserve a slot at the garage for {day}
""")
INTENTS["who made you"] = skeletons("""
who [made|created|built|programmed|designed] you
[what|which] company [made|built|is behind] you
[tell|let] me [know|] who [created|developed] you
do you know [your creator|who built you]
were you made by [a company|a person|google|students]
who's your [maker|inventor|creator]
where do you come from , who wrote you
""")
INTENTS["change language"] = skeletons("""
[change|switch|set] [your|the] language [to {language}|settings|]
[speak|talk|respond|answer] [to me|] in {language} [from now on|]
[i want|can you start] [you to speak|speaking] {language} [please|]
use {language} as [your|the] [language|system language]
could you [go back to|switch over to] {language}
i prefer {language} , change it
""")
INTENTS["repeat"] = skeletons("""
[say|repeat] that [again|once more|one more time] [please|]
[what|sorry ,] [did you say|what was that|come again]
i [didn't|did not] [hear|catch|get] [that|you] [, repeat please|, say it again|]
[can|could] you [please|] [repeat|say] [that|yourself|the last thing] [again|]
pardon , once more
one more time , [slower|louder] please
""")

DOMAINS: dict[str, tuple[str, ...]] = {
    "bank": (
        "transfer",
        "balance",
        "card lost",
        "freeze account",
        "report fraud",
        "pay bill",
        "interest rate",
        "exchange rate",
        "pin change",
        "direct deposit",
    ),
    "card": ("credit score", "new card", "bill due", "spending history", "card lost", "pin change"),
    "travel": (
        "book flight",
        "book hotel",
        "flight status",
        "lost luggage",
        "carry on",
        "visa question",
        "plug type",
        "vaccines",
    ),
    "kitchen": (
        "recipe",
        "calories",
        "ingredient substitution",
        "restaurant reservation",
        "restaurant reviews",
        "cancel reservation",
        "shopping list add",
    ),
    "car": (
        "oil change when",
        "gas level",
        "tire pressure",
        "jump start",
        "traffic",
        "directions",
        "schedule maintenance",
        "uber",
    ),
    "assistant": (
        "timer",
        "alarm",
        "reminder",
        "calendar",
        "todo list",
        "smart home",
        "play music",
        "change language",
        "repeat",
        "who made you",
    ),
}
# What people put before and after a request.
BEFORE = bars("""
hey|please|ok|hi there|so|um|listen|excuse me|hello|yo|quick question|
i was wondering|alright
""")
AFTER = bars("""
please|thanks|asap|if you can|for me|when you get a chance|thank you|real quick|now
""")
SLOTS: dict[str, tuple[str, ...]] = {
    "phrase": bars("""
good morning|where is the bathroom|thank you very much|how much does it cost|i am lost|
i love you|the bill please|nice to meet you|see you tomorrow|hello|i am hungry|good luck|
happy birthday|my name is {name}|excuse me|i need a doctor|cheers|where is the {place}|
no problem|{noun}
"""),
    "language": bars("""
spanish|french|german|italian|japanese|mandarin|korean|arabic|hindi|portuguese|russian|
swahili|dutch|greek|turkish|polish|thai|vietnamese|english|swedish
"""),
    "country": bars("""
mexico|france|brazil|egypt|japan|kenya|thailand|india|peru|turkey|russia|morocco|vietnam|
spain|south africa|colombia|nepal|iceland|the philippines|cuba|germany|nigeria|indonesia|
israel|lebanon|argentina
"""),
    "city": bars("""
denver|seattle|boston|miami|phoenix|london|paris|tokyo|dallas|cleveland|orlando|portland|
austin|new york|st. louis|toronto|berlin|sydney|las vegas|detroit|san diego|nashville|
dublin|madrid|salt lake city
"""),
    "noun": bars("""
umbrella|bicycle|camera|lamp|jacket|blender|violin|suitcase|table|pair of shoes|mattress|
drone|tent|watch|coffee machine|skateboard
"""),
    "word": bars("""
obfuscate|gregarious|ephemeral|stoic|ubiquitous|taciturn|benign|lucid|pernicious|candid|
frugal|amicable|opulent|zealous|quixotic|arcane|mundane|fickle|verbose|serene|cogent|
nefarious|tenacious|placid|erudite
"""),
    "money": bars("""
${5-900}|${5-900}|{20-900} dollars|twenty bucks|fifty dollars|two hundred dollars|
{10-90} euros|a thousand dollars|${1000-5000}|eighty bucks
"""),
    "account": bars("""
checking|savings|my checking account|my savings account|my {bank} account|
my joint account|my money market|the rent account|my vacation fund
"""),
    "bank": bars("""
chase|wells fargo|my credit union|citibank|first national|the union bank|barclays|usaa|
pnc|capital one
"""),
    "name": bars("""
maria|john|my mom|steve|ana|mr. patel|lucy|omar|grandpa|dr. chen|kevin|sofia|tyler|smith|
my landlord|jones
"""),
    "minutes": bars("""
{2-59} minutes|{2-59} minutes|ten minutes|half an hour|an hour|{20-90} seconds|
five minutes|two hours|{2-9} min|an hour and a half
"""),
    "food": bars("""
lasagna|chicken soup|pancakes|banana bread|guacamole|beef stew|sushi|apple pie|
fried rice|meatloaf|tacos|pad thai|chocolate cake|pizza|mashed potatoes|omelette|curry|
clam chowder|brownies|stuffed peppers|scrambled eggs|carrot cake
"""),
    "ingredient": bars("""
milk|eggs|butter|sour cream|flour|sugar|honey|soy sauce|garlic|paprika|bread|yogurt|
olive oil|buttermilk|cornstarch|rice|lemons|almond milk|ketchup|basil|toilet paper
"""),
    "insurance": ("car", "health", "home", "life", "dental", "auto", "renters"),
    "relative": bars("""
my wife|my husband|my son|my daughter|my mother|my brother|grandma|my partner|
my new baby
"""),
    "place": bars("""
airport|office|gym|library|bus station|post office|mall|hospital|train station|pharmacy|
park|museum|stadium|kitchen|beach|gas station|dentist
"""),
    "day": bars("""
monday|tuesday|wednesday|thursday|friday|saturday|sunday|march {2-30}th|july {4-30}th|
the {4-20}th|tomorrow|next friday|christmas|this weekend|may first|october {10-20}th
"""),
    "hour": bars("""
{2-12} am|{2-12} pm|noon|{2-11}:30|six in the morning|half past seven|{5-9} o'clock|
quarter to eight|midnight|{4-9}:45 am
"""),
    "airline": bars("""
delta|united|american airlines|southwest|lufthansa|jetblue|air france|british airways|
spirit|emirates|alaska airlines
"""),
    "car": ("car", "truck", "honda", "toyota", "minivan", "ford", "suv", "jeep", "bmw"),
    "genre": bars("""
jazz|classic rock|hip hop|country|techno|blues|salsa|lo-fi|90s pop|classical|reggae|
metal|folk|disco
"""),
    "artist": bars("""
beyonce|queen|the beatles|miles davis|adele|metallica|bob marley|taylor swift|drake|
dolly parton|abba|coldplay|nirvana|shakira|johnny cash|rihanna
"""),
    "song": bars("""
hey jude|purple rain|jolene|wonderwall|billie jean|africa|hotel california|thriller|
bohemian rhapsody|imagine|dancing queen|sweet caroline|the one that goes na na na
"""),
    "animal": bars("cat|dog|chicken|cow|elephant|penguin|fish|duck|horse|lawyer|pirate"),
    "card": ("debit", "credit", "visa", "bank", "mastercard", "amex"),
    "shop": bars("""
amazon|walmart|target|best buy|ikea|costco|home depot|ebay|the apple store|a gas station|
starbucks|macy's
"""),
    "bill": bars(
        "electric|water|gas|phone|internet|cable|credit card|rent|insurance|trash|medical"
    ),
    "currency": bars("""
euros|yen|pesos|pounds|rupees|swiss francs|canadian dollars|won|yuan|dollars|rubles
"""),
    "category": bars("""
groceries|eating out|gas|clothes|entertainment|coffee|travel|subscriptions|shoes|
pet food
"""),
    "restaurant": bars("""
olive garden|red lobster|the thai place|luigi's|blue moon diner|chez pierre|applebee's|
outback|the golden dragon|mama rosa|the steakhouse downtown|benihana|sushi corner
"""),
    "number": ("two", "three", "four", "five", "six", "{2-9}", "eight"),
    "chore": bars("""
take out the trash|call {name}|feed the cat|pay the rent|pick up the kids|
water the plants|clean the garage|do the laundry|buy stamps|wash the car|take my pills|
send the report|walk the dog|renew my passport
"""),
    "event": bars("""
the dentist appointment|a meeting|lunch with {name}|the party|a haircut|yoga|
the parent teacher night|my interview|book club
"""),
    "appliance": bars("lights|fan|tv|oven|heater|lamp|coffee maker|air conditioner|dishwasher"),
    "room": bars("kitchen|bedroom|living room|garage|hallway|bathroom|basement|office|den"),
}
