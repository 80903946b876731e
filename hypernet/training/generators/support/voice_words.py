"""Requests to a voice assistant about music, books, films, weather and tables."""

from __future__ import annotations

from hypernet.training.generators.grammar_words import bars, skeletons

VOICE: dict[str, tuple[str, ...]] = {}

VOICE["add to playlist"] = skeletons("""
add {artist} to [my|the|our] {playlist} [playlist|]
[add|put] {tune} [to|on|onto|into] [my|the] {playlist} [playlist|]
[can you|could you|please|i want to|i'd like to] add [{tune}|{artist}|this {kind}] to [my|the]
    {playlist} playlist
include {tune} [in|on] [my|{person}'s] {playlist} playlist
[put|place|stick] [this|the current|another] {kind} [by {artist}|] [on|in|onto] [my|the]
    {playlist} [playlist|list]
i need [another|a] {kind} [by {artist}|] in [my|the] playlist [called|titled|named] {playlist}
my {playlist} [playlist|list] needs [{artist}|{tune}|more {genre}] [in it|]
{playlist} should [have|include] {tune}
[add|save] [the|this] {kind} {tune} [by {artist}|] to {playlist}
[let's|] have {artist} [in|on] [my|the] {playlist} playlist [too|]
[extend|expand|update|grow] [my|the] {playlist} [playlist|] with [{tune}|{artist}]
i'm [making|working on] {playlist} , add {artist}
add the artist {artist} to [my|the] {playlist}
drop [{tune}|this {kind}] in the list {playlist}
""")
VOICE["book restaurant"] = skeletons("""
[book|reserve|get] [a|me a] [table|spot|seat] [for {number}|for {number} people|] at [a
    {cuisine} {venue}|{eatery}] [in {region}|] [{when}|]
[make|i need|i'd like|we want] [a|] [reservation|reservations] [for {number}|] at [a|the best|a
    popular|some] [{cuisine}|] {venue} [in {region}|near {region}|] [{when}|]
book [a|the] [{cuisine}|top-rated|cheap|highly rated] {venue} [for {number}|for my {kin} and i|]
    [in {region}|] [{when}|]
[i want|i'd like] to [eat|dine|have {meal}] at {eatery} [with {number} people|] [{when}|]
[can you|could you|please] [book|reserve|get] [us|me|] [a table|seats|somewhere] for {number}
    [people|] [in {region}|at {eatery}] [{when}|]
reserve [a|] {cuisine} {venue} for my {kin} , {person} and [i|me] [{when}|]
find [us|me] a [place|table] to eat [{cuisine}|] in {region} for {number} [{when}|]
i am [hungry|in {region}] , [book|reserve] [a|me a] {venue} [that serves {dish}|] [for {number}|]
table for {number} at {eatery} [{when}|] [please|]
[book|need] a {venue} [that has|with|serving] [{dish}|outdoor seating|parking|a pool|wifi] [in
    {region}|] [for {number}|]
we are a party of {number} [and need|looking for] a table [at {eatery}|in {region}]
[make me|set up] a {meal} reservation [in {region}|at {eatery}] [{when}|]
restaurant in {region} for {number} [{when}|] , [please|book it]
let's eat {dish} [{when}|] , reserve for {number} [in {region}|]
""")
VOICE["get weather"] = skeletons("""
[what's|what is|what will] the [weather|forecast] [be|] [like|] [in|for|at] {region} [{when}|]
[will|is] it [going to|] [be|get] {temperature} [in|at] {region} [{when}|]
[is it|will it|is it going to] {fall} [in|at] {region} [{when}|]
[tell|give|show] me the [weather|forecast] [for|in] {region} [{when}|]
how [hot|cold|windy|humid|chilly] [will it be|is it] [in|at] {region} [{when}|]
[check|get|look up] the [weather|forecast] [for|in|near] [my location|{region}|here] [{when}|]
what [temperature|wind|conditions] [can i|should we] expect [in {region}|here] [{when}|]
[will there be|is there|any chance of] [a|some] {storm} [in|near|at] {region} [{when}|]
[do i need|should i bring] [an umbrella|a jacket|sunscreen] [in|for] {region} [{when}|]
[weather|forecast] [in|for] {region} [{when}|]
i want to know if it is {temperature} [in|at] {region} [{when}|]
when will [it {fall}|the sun come out|it warm up] in {region}
{when} , will {region} be {temperature}
is [there|] {storm} [likely|expected] [in {region}|around here] [{when}|]
let me know the weather [in|of] {region} {when}
""")
VOICE["play music"] = skeletons("""
play [{tune}|{artist}|some {genre}] [on|from|using] {service}
[play|put on|start] [some|the top|the best|the newest|good] [music|songs|{kind}s] [by|from]
    {artist} [on {service}|]
[i want|i'd like|i would love] to [hear|listen to] [{artist}|{tune}|some {genre}|{decade} music]
    [on {service}|]
[open|use|go to] {service} and [play|start] [{tune}|{artist}|the {playlist} playlist|{genre}]
[can you|could you|please] play [the {kind} {tune}|{artist}|{decade} {genre}|something by
    {artist}] [for me|]
play [a|an|the|that] [{decade}|popular|] {kind} by {artist} [from {1950-2019}|]
[play|turn on] {genre} [music|] [from the {decade}|]
let's [hear|listen to|jam to] [some|] [{artist}|{decade} {genre}|{genre}]
[play|start|shuffle] [my|the|{person}'s] {playlist} playlist [on {service}|]
play {tune} by {artist}
[play|find and play] the [latest|last|first|{decade}] {kind} [from|by|of] {artist}
i [need|could use] some {genre} [right now|music] [on {service}|]
[listen to|put on] {artist} [on {service}|]
music [by|from] {artist} [, please|on {service}|]
""")
VOICE["rate book"] = skeletons("""
[rate|give] {title} {score}
[rate|grade] the [current|last|previous|next|] [{print}|book] [{title}|] {score}
[give|award] [this|the current|the last|the] {print} [{title}|] [a rating of|] {score}
[i want to|i'd|i would|let me|please] [rate|give] {title} {score}
[i'd|i would] say {title} [deserves|is worth|gets|earns] {score}
{title} [gets|deserves|was worth|has earned] {score} [from me|]
[put|mark] {title} down [for|as] {score}
[the|this] {print} [i just read|i finished|by {author}] [gets|deserves|rates] {score}
[add|assign|submit] [a|] [rating|value] of {score} [to|for] {title}
i [loved|hated|liked|finished] [the {print}|] {title} , [give it|rate it] {score}
[for|on] [the {print}|] {title} , i [pick|choose|say] {score}
{score} for {title}
[rate|score] the {print} [by {author}|called {title}] {score}
""")
VOICE["search creative work"] = skeletons("""
[find|look for|search for|look up|get] [me|] [the|a] {work} [called|named|titled|] {title}
[please|can you|could you|i want to|i'd like to] [find|look up|search for|get] [me|] [the
    {work}|] {title}
[show|get|find] me [the|a] {title} {work}
[where|how] can i [find|see|get|watch] [the {work}|] {title}
[i'm looking for|i am looking for|i'm after|i need] [the|a] {work} [called|titled|] {title}
[can you|could you] [help me|] [find|locate|get] the {work} of {title}
search {title} [online|]
[tell me|show me] [about|where to get] the {work} {title}
[do you have|is there] [a|the] {work} [called|named|titled] {title}
what is {title} [, a {work}|]
{title} , [find|look up] [that|the] {work}
i [want|wish] to [see|watch|read|own] the {work} {title}
[pull up|bring up] [the {work}|] {title}
look for [the creative work|something called] {title}
""")
VOICE["search screening event"] = skeletons("""
[what|which] [movies|films|animated movies] [are|] [playing|showing] [at {cinema}|nearby|in the
    area|in the neighborhood|at the nearest cinema] [{slot}|]
[what's|what is|show me|give me|find] the [movie|film] [schedule|schedules|times|showtimes]
    [for|at|in] [{cinema}|the area|the neighborhood]
[when|at what time] is {title} [playing|showing|on] [at {cinema}|]
is {title} [playing|showing|on] [at {cinema}|nearby|in theaters] [{slot}|]
[where|which cinema] [can i see|is|shows] {title} [playing|showing|] [{slot}|near me|]
[find|show|give] me [the|] [closest|nearest] [movie house|cinema|theatre|movie theatre]
    [with|playing|showing] [{title}|films|good movies] [{slot}|]
[i want|i'd like] to see {title} [at {cinema}|at the cinema|in the nearest theatre|{slot}]
[can you|could you|please] [check|find|get] [the showtimes|movie times|the times] [for
    {title}|at {cinema}]
[films|movies|showtimes] at {cinema} [{slot}|]
what time does {title} start [at {cinema}|{slot}|]
[are there|any] [animated|good|new] [movies|films] [playing|showing|] [at {cinema}|close
    by|{slot}]
[look up|check] [what's playing|movie schedules] [at {cinema}|close to here|in the area]
does {cinema} have {title} [{slot}|]
movie times [for {title}|please|at {cinema}]
""")

SLOTS: dict[str, tuple[str, ...]] = {
    "artist": bars("""
{first} {last}|{first} {last}|{first} {last}|the {adjective} {noun}s|{noun} {noun}|
{last}|dj {first}|{first} {last} trio|the {last} brothers|{adjective} {noun}
"""),
    "first": bars("""
Elena|Marcus|Tariq|Joni|Sven|Lucia|Hugo|Priya|Dario|Nina|Ezra|Björn|Yuki|Otis|Clara|Femi|
Greta|Ivo|Mei|Ruben|Tess|Anouk|Kofi|Lars|Zoe|Vince|Amara|Pavel|Rita|Cole
"""),
    "last": bars("""
Hartwell|Okafor|Lindqvist|Moreno|Tanaka|Vasquez|Petrov|Bell|Castellani|Novak|Dubois|
O'Rourke|Sato|Weiss|Marsh|Achebe|Holloway|Kaplan|Ferreira|Blackwood|Nyman|Qureshi|Rossi|
Stone|Ibarra|Fontaine
"""),
    "adjective": bars("""
Silent|Golden|Broken|Electric|Last|Hidden|Wild|Crimson|Lonely|Distant|Frozen|Secret|
Little|Burning|Midnight|Forgotten|Paper|Velvet|Bitter|Northern|Hollow|Gentle|Strange|
Endless
"""),
    "noun": bars("""
River|Garden|Winter|Mirror|Kingdom|Shadow|Letter|Sparrow|Harbor|Machine|Stranger|Summer|
Mountain|Lantern|Ocean|Soldier|Promise|Wolf|Daughter|Empire|Road|Night|Island|Clock|
Orchard|Storm
"""),
    "title": bars("""
The {adjective} {noun}|{adjective} {noun}|{noun} of the {noun}|The {noun}|
A {noun} in {city}|The {noun} and the {noun}|{first} {last}: A Life|
My {adjective} {noun}|{noun}s|Return to {adjective} {noun}|The {noun}'s {noun}|
{adjective}|Who Killed {first} {last}?|{2-9} {noun}s|Goodbye, {first}|
The Art of the {noun}|Beyond the {noun}|{noun} {2-5}: The {noun}|How to Train a {noun}|
{first} and {first}
"""),
    "tune": bars("""
{adjective} {noun}|Dancing with {first}|{noun} in the {noun}|Oh {first}|I Want a {noun}|
the song {noun} Blues|Goodbye {noun}|the track {adjective} Heart|Nobody's {noun}|
Under the {noun}|{city} Nights|the album {noun}s|Don't Call Me {adjective}
"""),
    "playlist": bars("""
summer hits|workout beats|Road Trip|chill vibes|Deep Focus|morning coffee|Latin Party|
90s Throwback|Rainy Day Jazz|gym|Indie Mix|sleepy time|Rock Classics|Funky Friday|
Country Gold|study session|Sunday Brunch|Metal Madness|love songs|Hip Hop Essentials|
my {adjective} {noun}|the sound of {city}|{genre} forever|Dinner for Two|
All Out {decade}|Guilty Pleasures|women of {genre}|This Is {last}
"""),
    "kind": ("song", "track", "tune", "album", "artist", "single", "record", "ep", "soundtrack"),
    "genre": bars("""
jazz|techno|bluegrass|k-pop|ambient|reggaeton|classical|indie rock|soul|trance|punk|
gospel|bossa nova|trap|folk|opera|swing|grunge|salsa|drum and bass
"""),
    "decade": ("fifties", "sixties", "70s", "eighties", "90s", "2000s", "twenties", "1988"),
    "service": bars("""
Spotify|Youtube|Deezer|Pandora|Last Fm|iTunes|Google Music|Vimeo|Groove Shark|Slacker|
Netflix|Zvooq
"""),
    "person": bars("{first}|{first}|{first} {last}|my sister|my boss|mom|my roommate|dad"),
    "number": bars("two|three|four|five|six|seven|eight|ten|{2-9}|{2-12}|1|nine"),
    "cuisine": bars("""
italian|thai|korean|indian|vegan|ethiopian|greek|french|sushi|mexican|southern|turkish|
tapas|gluten free|creole|peruvian|lebanese|barbecue|seafood|szechuan
"""),
    "venue": bars("""
restaurant|diner|bistro|pub|bar|steakhouse|cafe|brasserie|tavern|food truck|pizzeria|
brewery|tea house|osteria|grill|cafeteria|oyster bar|bakery
"""),
    "eatery": bars("""
{last}'s|The {adjective} Fork|Cafe {last}|{noun} Grill|Chez {first}|The {noun} Room|
{first}'s Kitchen|{adjective} Dragon|Casa {last}|{noun} Street Diner|Little {city}|
the {noun} House
"""),
    "region": bars("""
{city}|{city}|{city}|{state}|{state}|{city}, {state}|{land}|{land}|{noun} {site}|
{last} {site}
"""),
    "site": bars("National Park|State Forest|Beach|Wildlife Refuge|County|Island|Heights|Falls"),
    "city": bars("""
Tulsa|Oakdale|Bergen|Fairview|Lisbon|Nairobi|Helena|Springfield|Osaka|Bogota|Wichita|
Krakow|Dover|Savannah|Lima|Ashland|Cairo|Antwerp|Boise|Perth|Juneau|Reno|Gdansk|
Burlington|Quito|Tampa|Hanoi
"""),
    "state": bars("""
Nevada|Georgia|Ohio|Alaska|Vermont|Texas|Idaho|MN|NC|Wyoming|New Mexico|Delaware|OR|
Kansas|Mississippi|WV|Rhode Island
"""),
    "land": bars("""
Norway|Gabon|Chile|Laos|Malta|Ghana|Portugal|Bolivia|Iceland|Uruguay|Oman|Fiji|Estonia|
Belize|Zambia|Jordan|Cambodia|South Sudan|Saint Lucia
"""),
    "when": bars("""
tomorrow|tonight|on {month} {2-28}|next {day}|at noon|at {2-11} pm|in {2-9} hours|
this weekend|on {day}|in {month}|{2-20} days from now|right now|at {4-9}:30|
on {month} the {2-28}th, {2020-2035}|in one week|this afternoon|around sunrise|
for {day} night|during the winter|{2-9} years from today
"""),
    "slot": bars("""
tonight|at noon|at {2-11}:{10-59}|this evening|in {2-9} hours|{2-9} minutes from now|
tomorrow|on {day}|at {2-11} o'clock|right now
"""),
    "month": bars("""
january|february|march|april|may|june|july|august|september|october|november|december
"""),
    "day": bars("monday|tuesday|wednesday|thursday|friday|saturday|sunday"),
    "meal": ("lunch", "dinner", "breakfast", "brunch", "supper"),
    "kin": bars("""
wife|brother|mother|aunt|girlfriend|boss|cousin|grandson|colleagues|roommate|niece|
father-in-law
"""),
    "dish": bars("""
ramen|paella|pulled pork|fish and chips|dim sum|tagine|pancakes|crepes|oysters|pierogi|
brisket|gumbo|ceviche|souvlaki|burritos|kimchi
"""),
    "temperature": bars("""
colder|hot|warm|chilly|freezing|humid|sunny|windy|cloudy|overcast|foggy|below zero|nice|
{60-95} degrees|stormy|warmer|temperate
"""),
    "fall": ("rain", "snow", "hail", "drizzle", "storm", "be raining", "be snowing", "pour"),
    "storm": bars("""
blizzard|thunderstorm|hurricane|fog|hail|tornado|heat wave|snow|lightning|frost|snowfall|
a depression|rain
"""),
    "score": bars("""
{2-5} stars|{2-6} out of 6|one star|zero stars|a {2-5}|five points|{2-5} points|
three out of six|four of 6 points|zero points|0 out of 6 stars|a one|five stars|four|
1 of 6|two of six stars|5
"""),
    "print": bars("book|novel|textbook|series|saga|essay|chronicle|album|story|book series"),
    "author": bars("{first} {last}|{last}|{first} {last}"),
    "work": bars("""
movie|novel|book|tv show|video game|song|album|painting|photograph|trailer|saga|
tv series|soundtrack|picture|game|television show|program|poem|play
"""),
    "cinema": bars("""
{last} Theatres|{city} Cinemas|the {adjective} Screen|{noun} Multiplex|Cineplex {city}|
{last} Theatre Company|the {noun} Drive-In|Grand {city} Cinema|the nearest movie theatre|
the cinema|the movie house|{last} Entertainment
"""),
}
