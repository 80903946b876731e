"""Words of product, app, hotel and restaurant reviews."""

from __future__ import annotations

from hypernet.training.generators.grammar_words import bars, skeletons

PRODUCTS = bars("""
phone|camera|mp3 player|player|router|laptop|headset|printer|tablet|keyboard|monitor|
speaker|charger|blender|coffee maker|toaster|vacuum|app|program|software|game|watch|mouse|
air fryer|kettle|knife set|rice cooker|hard drive|dvd player|stroller|backpack|tv|remote|
thermostat|smart bulb|drill|lawn mower|mixer|scale|humidifier|fitness tracker|webcam|
antivirus|photo editor|budgeting app|e-reader|projector|microphone|earbuds case|
power bank|baby monitor
""")

BRANDS = bars("""
nokia|canon|sony|apex|zen|linksys|norton|dell|hp|bosch|philips|anker|lenovo|samsung|
logitech|garmin|kodak|creative|motorola|nikon|braun|dyson|asus|epson|tefal|jabra|netgear|
belkin|panasonic|olympus
""")

# Part of the product: what is said of it when it pleases, and when it does not.
PARTS: dict[str, tuple[str, str]] = {
    "battery life|battery|rechargeable battery": (
        "lasts [all day|for ages|two full days|an entire weekend]|is excellent|holds a charge "
        "[very|"
        "really|] well|beats anything i have owned|still gives me {5-14} hours|is the best i've "
        "seen|"
        "charges in no time|easily outlasts my old {product}|is more than enough for a long flight|"
        "hardly ever needs charging",
        "dies [after|within] {2-5} hours|is a joke|won't hold a charge [any more|anymore|]|drains "
        "overnight even when off|barely gets me to lunch|is awful|swelled up after {2-9} "
        "months|takes"
        " forever to charge|needs replacing already|is way too short|runs out at the worst moment",
    ),
    "screen|display|lcd screen": (
        "is [bright and clear|gorgeous|crisp|easy to read even in sunlight]|looks stunning|is "
        "sharp "
        "as can be|has beautiful colors|hasn't picked up a single scratch|is a big step up|is "
        "large "
        "and easy on the eyes|shows every detail",
        "scratches if you look at it|is too dim [outdoors|to read]|went black after a week|has "
        "dead "
        "pixels|cracked on day {2-9}|is tiny and washed out|smudges constantly|flickers all the "
        "time|"
        "is impossible to see in daylight|came with a line down the middle",
    ),
    "sound|sound quality|audio|speaker": (
        "is [rich|crystal clear|fantastic|superb for the size]|fills the whole room|blew me away|"
        "beats speakers twice the price|is clean with plenty of bass|is as good as it gets|has no "
        "hiss at all|stays clear even at full volume|makes my old cds sound new",
        "is tinny|crackles at any volume|cuts out every few minutes|is muffled like a tin "
        "can|has a "
        "constant hiss|is far too quiet|is distorted as soon as you turn it up|only comes out of "
        "one "
        "side|gave me a headache|is nothing like they advertise",
    ),
    "pictures|photos|indoor shots|pics it takes": (
        "are razor sharp|come out great every time|look like a pro took them|are amazing even at "
        "night|have true to life colors|are good enough to blow up to poster size|impressed all my "
        "friends|turn out beautifully with no effort|are second to none",
        "come out blurry|look grainy indoors|are washed out|have a purple tint|are no better "
        "than my "
        "old phone|always end up too dark|are full of noise|came out out of focus [half|most] of "
        "the "
        "time|look terrible printed|are a disappointment",
    ),
    "menu|interface|user interface|control panel|layout": (
        "is [intuitive|a breeze|very easy to navigate|simple to learn]|makes perfect sense|took "
        "me {2"
        "-9} minutes to learn|is clean and uncluttered|is so simple my {relative} uses it|puts "
        "everything where you expect it|is well thought out|responds instantly",
        "is a maze|makes no sense [at all|]|is clunky|hides everything three levels deep|is "
        "confusing"
        " even with the manual|looks like it's from {1989-1998}|is the worst i've ever "
        "used|drives me"
        " crazy|lags with every tap|needs a degree to figure out|is badly translated",
    ),
    "setup|installation|install": (
        "took [all of|] {2-9} minutes|was painless|was a snap|went without a hitch|is plug and "
        "play|"
        "could not have been easier|was done before my coffee was ready|just worked the first time",
        "took [the whole afternoon|{3-9} hours]|failed {2-9} times|was a nightmare|never completes|"
        "messed up my other programs|requires an engineer|ended with an error every time|is not as "
        "simple as they claim",
    ),
    "build quality|construction|casing|body": (
        "is rock solid|feels sturdy|is top notch|has survived {2-9} drops|looks and feels "
        "expensive|"
        "is built like a tank|shows no wear after {2-5} years|is much better than expected",
        "feels cheap|is flimsy plastic|came apart in my hands|cracked within {2-9} weeks|is junk|"
        "creaks when you hold it|has sharp edges|won't survive one drop|started to peel right away",
    ),
    "price|cost|price tag": (
        "is a steal|can't be beat|is very reasonable|is more than fair|was half of what the others "
        "charge|makes it a no brainer|is excellent for what you get|was worth every penny",
        "is a rip off|is outrageous for what you get|keeps going up|is way too high|does not match "
        "the quality|made me feel robbed|is hard to justify|is double what it should be",
    ),
    "customer service|tech support|support|customer support": (
        "[was|is] [wonderful|outstanding|quick and polite|very helpful]|replaced it with no "
        "questions|"
        "answered within {2-9} minutes|went above and beyond|sorted it out in one call|really "
        "cares|"
        "sent me a new one the next day",
        "[was|is] [useless|rude|a joke|nonexistent]|never called back|kept me on hold for {20-90} "
        "minutes|hung up on me twice|told me it was my fault|refuses to honor the warranty|just "
        "reads"
        " from a script|has ignored {2-9} of my emails",
    ),
    "size|weight|design|look": (
        "is perfect for [travel|my small kitchen|my pocket]|is sleek|is just right|gets "
        "compliments "
        "all the time|fits my hand perfectly|is so light i forget it's there|is beautiful|is "
        "compact "
        "enough to take anywhere",
        "is bulky|is way too big for a pocket|is plain ugly|makes it awkward to hold|doesn't fit "
        "anywhere|is a brick|is nothing like the photo|makes my wrist hurt|is terrible for small "
        "hands",
    ),
    "speed|performance|response time": (
        "is blazing|is impressive|leaves my old one in the dust|never slows down|is "
        "instant|handles "
        "everything i throw at it|is smooth as butter|has improved so much",
        "is painfully slow|crawls once you open two windows|drops to nothing in the evening|is "
        "worse "
        "after each update|makes me want to throw it out the window|freezes every {2-9} minutes|"
        "is like dial-up|gets worse every day",
    ),
    "reception|signal|wifi|connection|bluetooth": (
        "is strong everywhere in the house|never drops|is rock steady|works even in the "
        "basement|is "
        "excellent|paired right away|beats my old {product} hands down|has been flawless",
        "drops [constantly|every call|several times a day]|won't stay connected|is terrible unless "
        "you stand by the window|is spotty at best|dies when the microwave is on|never pairs|is "
        "weaker than my {product} from {2001-2012}",
    ),
    "buttons|keys|side buttons|volume keys": (
        "feel great|are big and easy to press|are well placed|respond to the lightest touch|are "
        "easy to find in the dark|have a nice click|still work like new",
        "stick|are too small for normal fingers|fell off|stopped working after {2-9} weeks|need "
        "to be"
        " pressed {3-9} times|are in the worst possible place|squeak|wore off within a month",
    ),
    "manual|instruction booklet|documentation": (
        "is clear and well written|explains everything|is all you need|is short and to the "
        "point|has "
        "good pictures|answered all my questions",
        "is useless|reads like a bad translation|is missing half the pages|tells you nothing|is "
        "only "
        "on a cd|contradicts itself|is so small i need a magnifier|left me more confused than "
        "before",
    ),
    "latest update|new version|update|free version": (
        "fixed everything|adds so many great features|is a huge improvement|runs much smoother|"
        "finally has dark mode and it's lovely|is even better than the last|made my day",
        "broke everything|crashes on launch|deleted all my data|removed the one feature i used|is "
        "full of ads|made it unusable|logs me out every {2-9} minutes|eats my battery",
    ),
}

RELATIVES = bars("""
wife|husband|mom|dad|grandma|son|daughter|brother|sister|roommate|boss|neighbor|
mother in law|5 year old|kids|best friend|dog sitter|grandfather|girlfriend|boyfriend
""")

OPINIONS_GOOD = skeletons("""
[i|we] [love|absolutely love|adore] [this|my new|the] {product}
[great|excellent|fantastic|superb|terrific] {product} [for the price|for the money|at this price|]
best {product} [i have|i've|we've] ever [owned|had|used|bought]
[highly|would definitely|strongly] recommend[ed|] [to anyone|]
i would buy [this|another one|it] again in a heartbeat
[so far|after {2-9} months] [no complaints|not a single problem|i couldn't be happier|so good]
it does [exactly|everything] what it [says|promises] and [then some|more]
you won't [regret it|be disappointed|find a better one]
five stars [, no question|from me|all the way|]
my {relative} [loves|can't live without|won't put down] [it|this {product}]
bought a second one for my {relative}
works [like a charm|perfectly|flawlessly|great|as advertised|wonderfully] [right out of the box|]
i [was skeptical|had my doubts|expected junk] but [this thing|the {product}|it] [won me over|is
    great|proved me wrong]
[{brand}|they] really [nailed it|got it right|hit a home run] [with this one|this time|]
it [has|] made my life [so much|a lot] easier
[this|the {brand}] {product} is [worth every penny|a keeper|a bargain|a must have|a joy to use]
i [use|wear|take] it [every day|every morning|everywhere] and [it|] still [works|looks] like new
[i've|we] had it for {2-9} [months|years] and [it has never let me down|it never failed us|it
    keeps going]
[arrived early|came in two days] and [well packed|in perfect shape|exactly as described]
[for|at] ${20-300} you [can't go wrong|can't beat it|get a lot of {product}]
i [finally|] [threw out|retired|gave away] my old {brand} because of this
wish i had [bought|found|gotten] [this|it] [sooner|years ago|a long time ago]
what a [great|nice|clever|neat] little [gadget|machine|{product}|tool]
[it is|it's] [quiet|solid|fast|handy|reliable|comfortable|well made] and [easy to clean|easy to
    use|looks great|does the job]
[no more|i never have] [lost files|tangled cables|dead batteries|guessing|burnt toast] [since i
    got it|thanks to this {product}|with this one]
[my|the whole] [family|office|team] [fights over|is jealous of|wants] it
i get [nothing but compliments|compliments] [on it|whenever i use it|]
[does|did] more than [i expected|i hoped|they claim]
can't say enough good things about [it|this {product}|this little guy]
hands down [the best|my favorite] [purchase|buy|{product}] [this year|of the year|in years]
i'm [very|really|more than|extremely] [happy|pleased|satisfied|impressed] [with it|with this
    {product}|]
[two|three|four] thumbs up [for {brand}|]
if you are [looking for|after] [a {product}|something reliable] , [look no further|this is
    it|get this one]
it [saved|spared] me [hours|a lot of money|a trip to the store|so much hassle]
beats [my friend's|my old|the expensive] {brand} [in every way|hands down|by a mile]
i was up and running in [no time|minutes|under {5-15} minutes]
the {brand} [delivers|comes through|shines] where others [fail|fall short]
[dropped it|spilled coffee on it|left it in the rain] [twice|once|last week] and it [still
    works|didn't even flinch|survived]
i have recommended it to [all my friends|everyone at work|my {relative}]
[thank you|kudos|hats off|well done] {brand}
addicted to this [app|game|thing] , use it every single day
it has all the features [i need|i wanted|you could ask for] [and none of the fluff|]
simple , [elegant|reliable|fast] and [fun|free|cheap]
""")

OPINIONS_BAD = skeletons("""
[i|we] [hate|regret buying|can't stand] [this|the] {product}
[terrible|awful|horrible|lousy|worthless] {product} [, avoid|for the price|]
worst {product} [i have|i've|we've] ever [owned|had|used|bought]
[do not|don't|never] [buy|waste your money on|bother with] [this|it|this {product}|anything from
    {brand}]
i want my money back
[after|within] {2-9} [days|weeks] [it died|it stopped working|it was in the trash|i sent it back]
it does [nothing|almost nothing] [it|that it] [says|promises|claims] [on the box|]
you get what you pay for , and this is [junk|garbage|cheap]
zero stars if i could
my {relative} [hates it|gave up on it|returned hers after a day]
had to buy a [new one|different brand|replacement] [after {2-9} weeks|already|]
[never worked|didn't work|dead] [right out of the box|from day one|on arrival]
i [was excited|had high hopes|really wanted to like it] but [it's a dud|what a letdown|it let me
    down|it went right back to the store]
[{brand}|they] [should be ashamed|really dropped the ball|must think we're idiots]
it [has|] caused me nothing but [grief|trouble|headaches]
[this|the {brand}] {product} is [a waste of money|a piece of junk|overpriced|a lemon|unusable]
i use it as [a paperweight|a doorstop] now
[i've|we] had it for {2-9} [weeks|months] and [it is falling apart|it's already broken|i'm on my
    third one]
[arrived late|came {2-4} weeks late] and [with a dent|with parts missing|not as
    described|scratched]
[for|at] ${20-300} i [expected|want] [more than this|something that works|a lot better]
i [went back to|am going back to|dug out] my old {brand} because of this
wish i had [read the reviews|listened to my {relative}|never bought it|kept the receipt]
what a [piece of crap|joke|mess|rip off|disappointment]
[it is|it's] [loud|flimsy|slow|useless|buggy|uncomfortable|unreliable] and [hard to clean|hard
    to use|smells of plastic|gets hot]
[lost all my files|burnt my toast|ruined my clothes|fried my outlet|crashed my computer] [the
    first time i used it|twice|again today]
[my|the] [second|third|fourth] [one|unit|replacement] [failed|broke|died] [too|just the
    same|last week]
[still|i am still] waiting for [a refund|a reply|my replacement] after {2-9} weeks
does not [do what it claims|fit|turn on|work with my {product}]
i can't think of one good thing to say about [it|this {product}]
hands down [the worst|the dumbest] [purchase|buy] [this year|of my life|in years]
i'm [very|really|more than|extremely] [unhappy|disappointed|frustrated|dissatisfied] [with
    it|with this {product}|]
[save your money|stay away|run away|keep looking]
if you are [looking for|after] [a {product}|something reliable] , [look elsewhere|this isn't
    it|keep shopping]
it [cost|wasted] me [hours|a lot of money|a whole weekend|all my photos]
[my|any] [ten dollar|old|dollar store] {product} [works better|lasted longer|beats it]
i spent {2-9} hours on the phone and it [still|] won't [work|start|connect]
the {brand} [fails|falls short|gives up] where [cheaper ones|others] [work|shine]
[one|a single] [drop|splash|week of use] and it [was dead|never worked again|fell apart]
i have warned [all my friends|everyone at work|my {relative}] [about it|]
[shame on you|no thanks|never again] {brand}
uninstalled [this|the] [app|game|thing] after {2-9} minutes
it has none of the features [i need|they advertise|of the old one]
slow , [ugly|buggy|noisy] and [overpriced|full of ads|pointless]
""")

# Statements of fact, neither praise nor blame.
FACTS = skeletons("""
i [bought|ordered|picked up] [this|the] {product} [in {month}|last week|two months ago] [to
    replace my old one|for my {relative}|]
it comes [with|in a box with] [a cable|two cables|a case|a charger] and [a manual|a cd|an adapter]
the {product} is [black|white|silver|available in three colors]
i have [only used|had] it for {2-9} [days|weeks] [, so i can't say much yet|and will update this
    review|]
it uses {2-4} aa batteries
this is my [first|second|third] {product} from {brand}
i was choosing between [this|the {brand}] and the {brand}
it [weighs|measures] about {2-30} [pounds|inches|ounces]
you need [windows|an account|a memory card|a usb port] to use it
the box says it is made in [china|mexico|germany|taiwan]
my {relative} has the [older|bigger|smaller] model
i use it [mainly|mostly] for [work|school|travel|cooking|listening in the car]
it [was delivered|shipped|arrived] on a [monday|tuesday|friday]
the [{brand}|manufacturer] released [two|three] versions of it
i paid ${20-400} [including shipping|at the store|online]
there are {2-9} [modes|settings|presets|sizes]
[the instructions say|it says] to charge it for {2-12} hours before first use
for reference , i am {5-6} feet tall and use it with [a mac|a pc|my tablet]
the [power|menu|reset] button is on the [left|right|back|bottom]
it holds up to {100-900} [songs|photos|sheets|files]
the warranty is [one year|two years|90 days]
i have not [tried|tested] the [wifi|video|timer|alarm] yet
""")

# The writer grants one thing, then says what counts.
TURNS = (
    "{weak} , but {main}",
    "although {weak} , {main}",
    "while {weak} , {main}",
    "{weak} ; however , {main}",
    "{weak} . still , {main}",
    "even though {weak} , {main}",
    "{main} , even if {weak}",
)
JOINS = (" and ", " , ", " . ", " - ", " ; ", " , and ", " ! ", " . also , ", " ... ")
OPENINGS = bars("""
ok ,|well ,|first of all ,|honestly ,|overall ,|all in all ,|bottom line :|update :|
to be fair ,|i must say|as for the {product} ,|after a few weeks ,|my two cents :|note :|
in short ,|btw ,|also ,|2 ) |1 . |-
""")
MONTHS = bars("""
january|february|march|april|may|june|july|august|october|november|december
""")

ASPECTS_PLACE: dict[str, tuple[str, str]] = {
    "food": (
        "the {dish} was [delicious|out of this world|cooked to perfection|so fresh]|best {dish} "
        "[in "
        "town|i've had in years]|every dish tasted homemade|[breakfast|dinner] was [varied and "
        "tasty|"
        "amazing]|i still dream about the {dish}|the kids cleaned their plates|the chef knows "
        "how to "
        "season a {dish}|portions were huge and full of flavor",
        "the {dish} was [cold|bland|overcooked|raw in the middle|swimming in oil]|found a hair "
        "in my "
        "{dish}|[breakfast|dinner] was [stale|tasteless|inedible]|the {dish} came straight from "
        "a can|"
        "we both felt sick afterwards|my {dish} was salty as the sea|half the menu was sold out|"
        "i've had better {dish} from a vending machine",
    ),
    "service": (
        "[staff|our waiter|the front desk] [could not have been nicer|went out of their way for us|"
        "remembered our names]|we were [seated|checked in] right away|super friendly "
        "[staff|team]|the"
        " {worker} made us feel at home|quick , warm and attentive from start to end|the {worker} "
        "even brought a cake for our anniversary|they handled our late arrival with a smile",
        "[staff|our waiter|the front desk] [was rude|ignored us|rolled their eyes at us]|waited "
        "{30-90"
        "} minutes to [order|check in]|nobody [came to our table|picked up the phone]|the {worker} "
        "argued with us in front of everyone|they forgot our order twice|the {worker} clearly "
        "hates "
        "the job|had to ask {3-6} times for [water|towels|the bill]",
    ),
    "price": (
        "[great|incredible] value|we paid next to nothing|cheap for the area|the bill was a "
        "pleasant "
        "surprise|you get a lot for your money|happy hour [deals|prices] are a steal|only ${10-20} "
        "for all that|hard to find a better deal downtown",
        "way overpriced|${12-25} for a [beer|coffee|salad] is robbery|hidden fees on the bill|they "
        "charged us extra for [parking|bread|the kettle]|not worth what they ask|the bill made my "
        "jaw drop|you pay for the name|costs double what the place next door asks",
    ),
    "location": (
        "[steps|two minutes] from the [beach|station|old town]|could walk everywhere|the view of "
        "the "
        "[river|sea|mountains] is unbeatable|right in the heart of things yet peaceful|ideal "
        "spot for"
        " [sightseeing|a business trip]|easy parking right outside|subway is just around the "
        "corner",
        "in the middle of nowhere|next to a [highway|construction site|nightclub]|took us an "
        "hour by "
        "bus to get anywhere|the area feels sketchy after dark|nothing within walking "
        "distance|we got"
        " lost {2-4} times trying to find it|no parking for blocks",
    ),
    "cleanliness": (
        "everything was spotless|the [bathroom|table|kitchen] sparkled|fresh towels every day|you "
        "could eat off the floor|smelled fresh and clean|sheets were crisp and white|not a speck "
        "of "
        "dust anywhere",
        "[stains|hair] on the sheets|the [bathroom|table|carpet] was filthy|mold in the "
        "shower|saw a "
        "[roach|mouse] run by|sticky menus and dirty glasses|it smelled like wet dog|the floor had "
        "not been mopped in weeks",
    ),
    "atmosphere": (
        "such a cozy [place|room]|lovely candles and soft jazz|the [terrace|garden|rooftop] is "
        "magical"
        "|perfect for a date night|fun crowd and great music|charming decor , full of "
        "character|felt "
        "like stepping into another era",
        "so loud we had to shout|the music gave us a headache|lit like a hospital|tables packed so "
        "tight you hear every word next to you|felt like a cafeteria|dated decor , peeling "
        "wallpaper|"
        "freezing cold inside , we kept our coats on",
    ),
}
DISHES = bars("""
pasta|ramen|burger|steak|risotto|tacos|curry|pizza|soup|fish|paella|salad|dumplings|
pancakes|brisket|pho|lamb|omelette|cheesecake|biryani|sushi|schnitzel|falafel|
lobster roll|gnocchi
""")
WORKERS = bars("""
bartender|manager|hostess|owner|receptionist|concierge|waitress|barista|porter
""")
PLACES = bars("""
stayed {2-9} nights in {month}|we went for our anniversary|came here on a tuesday|
booked through an app|table for {2-8}|visited with my {relative}|third time here|
stopped by after work|we were a group of {4-12}|here for a wedding|first visit|
had a voucher
""")

MIDDLING = skeletons("""
it's [ok|okay|alright|decent] , nothing [special|to write home about|more]
[average|mediocre|middle of the road] at best
[so so|meh] , i can [take it or leave it|live with it]
does the job [, just about|but no more|most of the time]
has its [ups and downs|good and bad sides|moments]
not [great|good] , not [terrible|bad] [either|]
i'm [on the fence|torn|of two minds] about [it|this {product}]
you [win some you lose some|could do better , you could do worse]
about what [i expected|you'd expect] for [the price|${20-90}]
fine for [occasional use|a beginner|the garage] but [not much else|don't expect miracles]
""")
QUIBBLES = skeletons("""
[my|the] only [complaint|gripe|nit|wish] is that the {part} could be [a bit|a little|slightly]
    [better|nicer]
would have been [perfect|five stars] with a [better|slightly better] {part}
one [small|minor|tiny] [thing|annoyance] : the {part} [takes some getting used to|isn't
    perfect|could use some work]
[just|only] wish it came in [blue|red|a smaller size]
took me a [day or two|little while] to get used to the {part}
not quite perfect because of the {part} , but [very|really] close
[minus|lost] one star for the {part} , [otherwise|everything else is] [great|excellent]
""")
FAINT = skeletons("""
[the only|about the only] good thing is the {part}
[at least|well ,] the {part} [is|was] [ok|acceptable|not too bad]
[one star more|an extra star] for the {part}
[i'll give them|to be fair ,] the {part} [works|is fine] [, but that is all|]
[shame ,|pity ,] because the {part} [had|showed] [some|] promise
could have been [good|decent] if they had [tested it|fixed the bugs|listened to users]
not a total loss since the {part} [is usable|kind of works]
""")
