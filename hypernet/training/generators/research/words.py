"""Facts, questions with their steps, and abstract sentences."""

from __future__ import annotations

from typing import NamedTuple

from hypernet.training.generators.grammar_words import bars, skeletons


class Comparison(NamedTuple):
    """Facts with a number each about `{a}` (`{x}`) and `{b}` (`{y}`), and what they decide."""

    a: tuple[str, ...]
    b: tuple[str, ...]
    low: int
    high: int
    about_a: tuple[str, ...]
    about_b: tuple[str, ...]
    yes_if_more: tuple[str, ...]
    yes_if_less: tuple[str, ...]


SLOTS: dict[str, tuple[str, ...]] = {
    "first": bars("""
Alma|Bernard|Chiara|Desmond|Edith|Farid|Gustav|Harriet|Ingrid|Julius|Keiko|Leopold|Miriam|Noor|
Oswald|Paloma|Quentin|Rosalind|Samuel|Theodora|Ulrich|Viola|Walter|Ximena|Yusuf|Zelda|Agnes|Boris
"""),
    "last": bars("""
Aldridge|Bergstrom|Calloway|Delacroix|Eastman|Farrow|Grimaldi|Hargrove|Ishikawa|Jansen|Kowalski|
Lorenz|Mbeki|Nakamura|Oduya|Pemberton|Quill|Ravel|Sandoval|Thorne|Ueda|Voss|Whitlock|Yarrow|Zamora
"""),
    "person": bars("{first} {last}|{first} {last}|{first} {last}|Sir {first} {last}|{last}"),
    "start": bars("""
Bar|Cal|Dor|El|Fen|Gar|Hol|Ist|Jar|Kel|Lor|Mar|Nor|Ost|Pel|Quar|Ros|Sal|Tor|Ul|Ver|Wes|Yar|Zan
"""),
    "end": bars("""
ville|burg|mouth|stad|ford|ova|ena|ington|haven|field|oria|mar|dale|port|minster|bridge|ley|esk
"""),
    "town": bars("{start}{end}|{start}{end}|New {start}{end}|Port {start}{end}|San {start}o"),
    "work": bars("""
The {adjective} {noun}|{noun} and {noun}|A {noun} for {first}|The {noun} of {town}|
{adjective} {noun}s|Letters from {town}|The Last {noun}
"""),
    "adjective": bars("""
Amber|Silent|Broken|Iron|Winter|Hidden|Scarlet|Quiet|Salt|Glass|Crooked|Distant|Golden|Hollow
"""),
    "noun": bars("""
Harbor|Crown|Garden|Mirror|Tower|River|Lantern|Orchard|Bridge|Compass|Feather|Clock|Meadow|Key
"""),
    "animal": bars("""
bobcat|alpaca|badger|pelican|tortoise|otter|ibex|moose|wombat|heron|hyena|walrus|lynx|gecko|
reindeer|porcupine|flamingo|donkey|beaver|ostrich|jaguar|goat|hamster|camel
"""),
    "machine": bars("""
grand piano|refrigerator|washing machine|motorcycle|rowing boat|telescope|printing press|kayak|
snow plow|harp|pool table|vending machine|wheelchair|sofa|anvil|tractor tire
"""),
    "team": bars("{town} United|{town} City|Real {town}|{town} Rovers"),
    "firm": bars(
        "{last} Motors|{last} & Sons|{start}tech|{noun} Airlines|{last} Foods|{start}soft"
    ),
    "prize": bars("the {last} Prize|the {noun} Medal|the {town} Award|the {last} Fellowship"),
    "war": bars("""
the Siege of {town}|the Battle of {town}|the {town} Uprising|the Great Fire of {town}|
the {town} Exhibition|the founding of {firm}|the first {town} Marathon|the {town} earthquake
"""),
    "thing": bars("""
telephone|bicycle|typewriter|zipper|ballpoint pen|light bulb|vacuum cleaner|phonograph|pocket watch|
sewing machine|steam engine|microwave oven|fountain pen|parachute|toaster|elevator|stethoscope
"""),
    "day": bars("monday|tuesday|wednesday|thursday|friday|saturday|sunday"),
}

COMPARISONS: tuple[Comparison, ...] = (
    Comparison(
        bars("the {noun} Tower|{town} Cathedral|the {last} Building|the {town} lighthouse"),
        bars("the statue of {person}|the {town} Obelisk|the {noun} Monument|{town} Town Hall"),
        20,
        300,
        bars("""
{a} is {x} meters tall.|{a} rises {x} m above the street.|{a} has a height of {x} meters
"""),
        bars("""
{b} stands {y} meters high.|{b} is {y} meters tall.|{b} measures {y} m from base to tip.
"""),
        bars("Is {a} taller than {b}?|Would {b} look small next to {a}?|Does {a} tower over {b}?"),
        bars("""
Is {a} shorter than {b}?|Would {a} be dwarfed by {b}?|
Could someone on top of {b} look down on {a}?
"""),
    ),
    Comparison(
        bars("the {machine} of {person}|a {machine} made by {firm}|the {machine} from {town}"),
        bars("""
the service lift at {firm}|a hand cart from {firm}|the freight lift in {town} Castle|
the back seat of {person}'s car
"""),
        4,
        200,
        bars("{a} weighs about {x} kg.|The weight of {a} is {x} kilograms."),
        bars("{b} can carry up to {y} kg.|The maximum load for {b} is {y} kilograms."),
        bars("Would {a} be too heavy for {b}?|Would {b} break under {a}?"),
        bars("Could {b} hold {a}?|Is {a} light enough for {b}?|Would {a} be safe to put on {b}?"),
    ),
    Comparison(
        bars("the population of {town}|the number of people in {town}"),
        bars("{town} Stadium|the {noun} Arena|the {last} Dome"),
        3000,
        90000,
        bars("""
{a} is {x}.|{a} was {x} at the last census.|According to the census, {a} is about {x}
"""),
        bars("{b} seats {y} people.|{b} has room for {y} spectators.|The capacity of {b} is {y}."),
        bars("""
Would some of that town's people be left without a seat in {b}?|
Is {b} too small for the whole town?
"""),
        bars("Could everyone in that town watch a game in {b}?|Would the whole town fit in {b}?"),
    ),
    Comparison(
        bars("{work}|the opera {work}|the film {work}"),
        bars("the train from {town} to {town}|the flight from {town} to {town}|a shift at {firm}"),
        60,
        400,
        bars("""
{a} lasts {x} minutes.|The running time of {a} is {x} minutes.|{a} is {x} minutes long
"""),
        bars("{b} takes {y} minutes.|{b} lasts about {y} minutes."),
        bars("""
Does {a} go on for longer than {b}?|
Would {a} still be playing when {b} is over, if both start at once?
"""),
        bars("Could you see all of {a} during {b}?|Is {b} long enough for {a}?"),
    ),
    Comparison(
        bars("a {machine}|a ticket to {town}|a used {machine}|a course with {person}"),
        bars("{person}'s savings|the weekly pay at {firm}|the cash award of {prize}"),
        90,
        4000,
        bars("{a} costs {x} dollars.|The price of {a} is ${x}.|You can buy {a} for {x} dollars"),
        bars("{b} came to {y} dollars.|In total, {b} amounts to ${y}."),
        bars("Would {b} be too little for {a}?|Is {a} out of reach with {b}?"),
        bars("Could {b} pay for {a}?|Would {b} be enough to buy {a}?|Is {a} affordable with {b}?"),
    ),
    Comparison(
        bars("{work}|the novel {work}|the symphony {work}|the painting {work}"),
        bars("{war}"),
        1620,
        1990,
        bars("""
{a} was finished in {x}.|{a} was first shown to the public in {x}.|
{person} created {a} in {x}
"""),
        bars("{b} took place in {y}.|{b} happened in {y}.|The year of {b} was {y}."),
        bars("""
Did {b} come before {a}?|Could {a} have been inspired by {b}?|Is {a} more recent than {b}?
"""),
        bars("""
Was {a} around at the time of {b}?|Is {a} older than {b}?|
Could a witness of {b} have known {a}?
"""),
    ),
    Comparison(
        bars("{team}|the club {team}"),
        bars("{team}|the champions of {town}"),
        2,
        60,
        bars("""
{a} has won {x} titles.|By 2015, {a} had {x} trophies.|{a} has taken {x} cups so far
"""),
        bars("{b} holds {y} titles.|{b} has {y} trophies in its cabinet."),
        bars("""
Has {a} been more successful than {b}?|Would {a} need a bigger trophy cabinet than {b}?
"""),
        bars("Does {b} have more silverware than {a}?|Is {a} less decorated than {b}?"),
    ),
    Comparison(
        bars("Lake {start}a|the {start}mere|the {town} reservoir"),
        bars("the submarine {noun}|a diver from {town}|the research robot of {firm}"),
        15,
        700,
        bars("{a} is {x} meters deep.|The deepest point of {a} lies at {x} m."),
        bars("{b} can dive to {y} meters.|{b} withstands the pressure down to {y} m."),
        bars("""
Is the bottom of {a} out of reach for {b}?|Would {b} be crushed at the bottom of {a}?
"""),
        bars("Could {b} explore the bottom of {a}?|Can {b} reach the deepest point of {a}?"),
    ),
    Comparison(
        bars(
            "the racehorse {noun}|the sailing boat {noun}|the {town} train|the carriage of {person}"
        ),
        bars("a cyclist from {town}|the {town} tram|the sprinter {person}|a {firm} scooter"),
        8,
        90,
        bars("{a} can reach {x} km/h.|The top speed of {a} is {x} kilometers per hour."),
        bars("{b} moves at {y} km/h at most.|{b} has a top speed of {y} km/h."),
        bars("Could {a} outrun {b}?|Would {a} win a race against {b}?|Is {b} slower than {a}?"),
        bars("Could {b} catch {a}?|Would {a} lose a race to {b}?"),
    ),
    Comparison(
        bars("""
the number of rooms in {town} Palace|the number of students at {town} College|
the number of bells in {town}
"""),
        bars("""
the number of steps in {town} Castle|the number of pages of {work}|
the number of members of the {town} choir
"""),
        30,
        600,
        bars("On average, {a} is {x}.|A visitor learns that {a} is {x}."),
        bars("It is known that {b} is {y}.|A guide book says that {b} is {y}."),
        bars("Does {a} exceed {b}?|Is {b} below {a}?|Is {a} a bigger number than {b}?"),
        bars("Is {a} a smaller number than {b}?|Is {b} greater than {a}?"),
    ),
    Comparison(
        bars("the summit of Mount {start}o|the {town} glacier|the {town} weather station"),
        bars("antifreeze made by {firm}|the batteries of {firm}|the oil in a {firm} generator"),
        5,
        60,
        bars("""
The temperature at {a} falls to -{x} degrees Celsius.|At {a} it gets as cold as -{x} °C
"""),
        bars("Below -{y} degrees Celsius, {b} cannot be used.|The limit for {b} is -{y} °C."),
        bars("""
Could the cold at {a} be too much for {b}?|
Is it risky to rely on {b} at {a} in the coldest weather?
"""),
        bars("Can {b} be used at {a} all year?|Would {b} cope with the cold at {a}?"),
    ),
)

INVENTIONS: tuple[tuple[str, int], ...] = (
    ("telephone", 1876),
    ("bicycle", 1817),
    ("typewriter", 1868),
    ("zipper", 1893),
    ("phonograph", 1877),
    ("light bulb", 1879),
    ("vacuum cleaner", 1901),
    ("sewing machine", 1846),
    ("microwave oven", 1946),
    ("toaster", 1893),
    ("safety elevator", 1852),
    ("stethoscope", 1816),
    ("television set", 1927),
    ("photographic camera", 1826),
    ("ballpoint pen", 1938),
    ("safety pin", 1849),
    ("tin can", 1810),
    ("washing machine with a motor", 1908),
    ("transistor radio", 1954),
    ("jet airliner", 1949),
    ("pocket calculator", 1970),
    ("hot air balloon", 1783),
    ("battery", 1800),
    ("traffic light", 1868),
)
# Dish, an ingredient, what the ingredient is.
DISHES: tuple[tuple[str, str, str], ...] = (
    ("carbonara", "bacon", "pork"),
    ("moussaka", "minced lamb", "meat"),
    ("paneer tikka", "paneer", "dairy"),
    ("bouillabaisse", "sea bass", "fish"),
    ("tiramisu", "mascarpone", "dairy"),
    ("pad thai", "peanuts", "nuts"),
    ("pesto", "pine nuts", "nuts"),
    ("worcestershire sauce", "anchovies", "fish"),
    ("gazpacho", "tomatoes", "vegetables"),
    ("meringue", "egg whites", "eggs"),
    ("naan", "wheat flour", "gluten"),
    ("baklava", "walnuts", "nuts"),
    ("jambalaya", "shrimp", "shellfish"),
    ("couscous salad", "semolina", "gluten"),
    ("gyoza", "ground pork", "pork"),
    ("ratatouille", "eggplant", "vegetables"),
    ("custard", "egg yolks", "eggs"),
    ("kheer", "milk", "dairy"),
    ("clam chowder", "clams", "shellfish"),
    ("seitan stew", "wheat protein", "gluten"),
    ("guacamole", "avocado", "fruit"),
    ("biltong", "beef", "meat"),
    ("marzipan", "almonds", "nuts"),
    ("sauerkraut", "cabbage", "vegetables"),
)
# Who, and what they leave out.
DIETS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("a strict vegan", ("pork", "meat", "dairy", "fish", "eggs", "shellfish")),
    ("a vegetarian", ("pork", "meat", "fish", "shellfish")),
    ("someone with a nut allergy", ("nuts",)),
    ("a person with celiac disease", ("gluten",)),
    ("an observant Muslim", ("pork",)),
    ("someone allergic to shellfish", ("shellfish",)),
    ("a lactose intolerant guest", ("dairy",)),
    ("a toddler with an egg allergy", ("eggs",)),
    ("a pescatarian", ("pork", "meat")),
)
CLASSES: dict[str, tuple[str, ...]] = {
    "mammals": bars("bat|dolphin|whale|otter|hedgehog|camel|sloth|seal|koala|platypus|wolf|moose"),
    "birds": bars("penguin|ostrich|heron|owl|puffin|kiwi|flamingo|toucan|stork|emu|pelican|magpie"),
    "reptiles": bars(
        "gecko|crocodile|iguana|cobra|tortoise|chameleon|python|alligator|viper|skink"
    ),
    "fish": bars("salmon|eel|seahorse|tuna|trout|sturgeon|piranha|carp|stingray|herring|mackerel"),
    "insects": bars("mantis|moth|beetle|cricket|wasp|dragonfly|termite|ladybug|grasshopper|ant"),
    "amphibians": bars("toad|newt|salamander|axolotl|tree frog|bullfrog|caecilian"),
}
# What only the class does or has among these six.
TRAITS: dict[str, tuple[str, ...]] = {
    "mammals": bars("nurse their young with milk|have true hair"),
    "birds": bars("have feathers|grow a beak and wings covered in plumes"),
    "reptiles": bars("have dry scaly skin and breathe with lungs from birth"),
    "fish": bars("spend their whole life breathing with gills and swimming with fins"),
    "insects": bars("walk on exactly six legs|have a body of head, thorax and abdomen"),
    "amphibians": bars("begin life in water with gills and later grow lungs"),
}
LANDS: tuple[tuple[str, str, str, str], ...] = (
    ("Brazil", "Portuguese", "South America", "the real"),
    ("Kenya", "Swahili", "Africa", "the shilling"),
    ("Japan", "Japanese", "Asia", "the yen"),
    ("Poland", "Polish", "Europe", "the zloty"),
    ("Thailand", "Thai", "Asia", "the baht"),
    ("Peru", "Spanish", "South America", "the sol"),
    ("Norway", "Norwegian", "Europe", "the krone"),
    ("Egypt", "Arabic", "Africa", "the Egyptian pound"),
    ("Hungary", "Hungarian", "Europe", "the forint"),
    ("Vietnam", "Vietnamese", "Asia", "the dong"),
    ("Austria", "German", "Europe", "the euro"),
    ("Chile", "Spanish", "South America", "the peso"),
    ("South Korea", "Korean", "Asia", "the won"),
    ("Senegal", "French", "Africa", "the CFA franc"),
    ("Iceland", "Icelandic", "Europe", "the króna"),
    ("India", "Hindi", "Asia", "the rupee"),
)
MATERIALS: tuple[tuple[str, str, bool, bool], ...] = (
    # Material, density, floats on water, conducts electricity.
    ("copper", "8.96", False, True),
    ("cork", "0.24", True, False),
    ("iron", "7.87", False, True),
    ("pine wood", "0.5", True, False),
    ("glass", "2.5", False, False),
    ("aluminium", "2.7", False, True),
    ("candle wax", "0.9", True, False),
    ("silver", "10.5", False, True),
    ("balsa", "0.16", True, False),
    ("granite", "2.7", False, False),
    ("lead", "11.3", False, True),
    ("ice", "0.92", True, False),
    ("porcelain", "2.4", False, False),
    ("gold", "19.3", False, True),
    ("bamboo", "0.4", True, False),
)
OBJECTS = bars("spoon|ring|ball|door knob|figurine|button|plate|key|cube|bracelet|rod|coin|ladle")
JOBS = bars("""
novelist|surgeon|cellist|chemist|sculptor|economist|painter|botanist|journalist|architect|poet|
physicist|composer|carpenter|mathematician|film director|chess player|geologist|translator
""")
FILLERS = skeletons("""
{town} was granted market rights in {1200-1600}.
{firm} moved its head office twice.
The local dialect has {2-9} words for snow.
{person} also kept bees.
{work} has been translated into {3-40} languages.
The {animal} appears on the coat of arms of {town}.
Admission to the {town} Museum is free on {day}s.
{team} plays in green and white.
The {thing} was improved several times over the years.
Many visitors come to {town} in the spring.
{person} never married.
The name {town} comes from an old word for ford.
""")

# Question => steps; the same slot stands for the same thing in both.
DECOMPOSITIONS = skeletons("""
[Is|Was] {tower} taller than {tower2}? => [How tall is|What is the height of] {tower}? ; [How
    tall is|What is the height of] {tower2}? ; Is #1 greater than #2?
[Could|Would] {animal} [outrun|beat] {animal2} [in a race|]? => [How fast can {animal} run|What
    is the top speed of {animal}]? ; [How fast can {animal2} run|What is the top speed of
    {animal2}]? ; Is #1 [higher|greater] than #2?
[Did|Could] {person} [ever|] [use|own] {invention}? => [When did {person} die|In what year did
    {person} die]? ; When was {invention} invented? ; Is #2 before #1?
[Could {person} have met|Did {person} ever meet|Did {person} know] {person2}? => When did
    {person} live? ; When did {person2} live? ; Do #1 and #2 overlap?
[Can|Could|Would] {diet} eat {dish}? => What are the [main|] ingredients of {dish}? ; What foods
    [does {diet} avoid|are off limits for {diet}]? ; Is [nothing in #1 part of #2|#1 free of
    #2]?
[Would|Does] {dish} contain something that {diet} must avoid? => What is {dish} made of? ; What
    must {diet} avoid? ; Is anything in #1 also in #2?
Was {person} born in the same country as {person2}? => [In which country|Where] was {person}
    born? ; [In which country|Where] was {person2} born? ; Is #1 the same [country|] as #2?
[Could|Would] {animal} [survive|live] [in the wild|] in {place}? => What [kind of
    habitat|climate] does {animal} need? ; What is the [climate|environment] of {place} like? ;
    Is #2 [suitable for|similar to] #1?
Would {animal} fit [in|inside] {container}? => How [big|large] is {animal}? ; How [big|large] is
    {container}? ; Is #1 smaller than #2?
[Can|Could] [you|one person] [lift|carry] {heavy} [alone|]? => How much does {heavy} weigh? ;
    How much [weight|] can [one person|an average adult] [lift|carry]? ; Is #1 less than #2?
[Does|Would] {job} need to know [about|] {subject}? => [What does {job} do at work|What are the
    tasks of {job}]? ; Do any of #1 [involve|require] {subject}?
Would {festival} be a good [time|day] to [wear a swimsuit|go sledding|plant tulips] in {place}?
    => [When|In which month] is {festival}? ; What is the weather like in {place} in #1? ; Is #2
    right for [that|such an activity]?
Did {place} [ever|] host the Olympics before {person} was born? => When did {place} host the
    Olympics? ; When was {person} born? ; Is #1 before #2?
Could {person} have [seen|attended] the Olympics in {place}? => When did {place} host the
    Olympics? ; When did {person} die? ; Is #1 before #2?
Do more people live in {place} than in {place2}? => What is the population of {place}? ; What is
    the population of {place2}? ; Is #1 larger than #2?
[Can|Could] {price} be [bought|paid for] with [one|a single] {money}? => How much does {price}
    cost? ; [How much is|What is the value of] {money}? ; Is #2 at least #1?
Are {animal} and {animal2} [in|members of] the same family [of animals|]? => [What|Which] family
    does {animal} belong to? ; [What|Which] family does {animal2} belong to? ; Are #1 and #2 the
    same?
[Would|Could] {person} [understand|have read] {text} in the original? => [What|Which] languages
    did {person} [speak|know]? ; In which language is {text} written? ; Is #2 [one of|included
    in] #1?
[Was|Is] {text} written before {event}? => When was {text} written? ; When did {event}
    [happen|begin]? ; Is #1 before #2?
Did {person} live through {event}? => When [was {person} born|did {person} live]? ; [When did
    {event} take place|What year was {event}]? ; [Is #2 within the years of #1|Was {person}
    alive in #2]?
[Can|Could] {heavy} float [on|in] water? => What is {heavy} [mostly|] made of? ; What is the
    density of #1? ; Is #2 less than the density of water?
[Would|Could] a [magnet|strong magnet] pick up {object}? => What [material|] is {object} made
    of? ; Is #1 magnetic?
Would {object} be a [poor|bad|useless] gift for {diet2}? => What is {object} used for? ; What
    can {diet2} not [use|do]? ; Is #1 among #2?
Did the author of {text} share a home country with {person}? => Who wrote {text}? ; Where was #1
    from? ; Where was {person} from? ; Is #2 the same as #3?
[Could|Can] you [drive|travel by car] from {place} to {place2}? => On which [landmass|continent]
    is {place}? ; On which [landmass|continent] is {place2}? ; Are #1 and #2 connected by road?
Are there more letters in the name of {person} than in {place}? => How many letters are in
    {person}? ; How many letters are in {place}? ; Is #1 more than #2?
[Will|Would] {person} be [on|shown on] [a coin|a banknote] [of|from] {place}? => [Who|Which
    people] [is|are] on the money of {place}? ; Is {person} [one of|included in] #1?
[Would|Could] {sport} [be played|take place] on {body}? => What does {sport} need to be played?
    ; What are the conditions on {body}? ; [Is #1 possible under #2|Does #2 allow for #1]?
Does {sport} need more players than {sport2}? => How many players are on a team in {sport}? ;
    How many players are on a team in {sport2}? ; Is #1 greater than #2?
[Is|Was] {invention} [older|an earlier invention] than {invention2}? => When was {invention}
    invented? ; When was {invention2} invented? ; Is #1 [before|earlier than] #2?
[Is|Was] {invention} [more recent|a newer invention] than {invention2}? => [When|In what year]
    was {invention} invented? ; [When|In what year] was {invention2} invented? ; Is #1
    [after|later than] #2?
Can {animal} [be found|live wild] on the continent where {person} was born? => Where was
    {person} born? ; [Which|What] continent is #1 on? ; [What continents does {animal} live
    on|On which continents does {animal} live]? ; Is #2 [in|one of] #3?
[Would|Could] {drug} help [with|against] {illness}? => What causes {illness}? ; What does {drug}
    [act on|treat]? ; Is #1 [in|among] #2?
Is {illness} [something|a disease] that {job} would treat? => [What|Which] [diseases|conditions]
    does {job} treat? ; Is {illness} [one of|in] #1?
[Can|Could] the length of {heavy} be measured with a school ruler? => How long is {heavy}? ;
    [What length does a school ruler cover|How long is a school ruler]? ; Is #1 [within|at most]
    #2?
[Can|Could] {heavy} be weighed on a kitchen scale? => How much does {heavy} weigh? ; What is the
    [limit|maximum weight] of a kitchen scale? ; Is #1 below #2?
[Did|Would] {event} affect {place}? => Where did {event} take place? ; [Which areas were reached
    from #1|Which regions were touched by events in #1]? ; Is {place} in #2?
Is {text} [suitable|right|good] as a bedtime story for children? => What is {text} about? ; What
    [topics|stories] are [suitable|right] for children? ; Is #1 part of #2?
Would {planet} be visible [with|to] the naked eye from {place}? => How bright is {planet} [in
    the sky|]? ; What brightness can the naked eye see? ; Is #1 above #2?
Could {person} have [flown|traveled by plane] to {place}? => When did {person} die? ; When did
    [airlines start to fly|the first flights go] to {place}? ; Is #2 before #1?
[Can|Would] {diet2} [enjoy|take part in] {sport}? => What abilities does {sport} require? ; What
    [does {diet2} lack|is hard for {diet2}]? ; Is #2 [not part of|missing from] #1?
""")
STEP_SLOTS: dict[str, tuple[str, ...]] = {
    "person": bars("""
Isaac Newton|Cleopatra|Marie Curie|Mozart|Gandhi|Frida Kahlo|Julius Caesar|Florence Nightingale|
Nikola Tesla|Jane Austen|Genghis Khan|Rosa Parks|Galileo|Amelia Earhart|Confucius|Pablo Picasso|
Joan of Arc|Beethoven|Nelson Mandela|Ada Lovelace|Winston Churchill|Sitting Bull|Coco Chanel|
Bruce Lee|Billie Holiday|Louis Pasteur|Simon Bolivar|Agatha Christie|Vincent van Gogh|Plato
"""),
    "tower": bars("""
the Eiffel Tower|Big Ben|the Burj Khalifa|the Statue of Liberty|the Great Pyramid|the Colosseum|
the Tokyo Skytree|the Leaning Tower of Pisa|Christ the Redeemer|the Space Needle|a giraffe|
Niagara Falls|the Taj Mahal|a redwood tree|the Empire State Building|a ten story hotel
"""),
    "animal": bars("""
a cheetah|a penguin|an elephant|a house cat|a honey badger|a polar bear|a sloth|a kangaroo|a cobra|
a hippo|an ostrich|a koala|a hamster|a camel|a llama|an octopus|a golden retriever|a bison|
a Komodo dragon|a hummingbird|a panda|a moose|a lobster|a gorilla|a snow leopard|a meerkat
"""),
    "invention": bars("""
the telephone|the zipper|the printing press|email|the microscope|dynamite|the bicycle|penicillin|
the light bulb|the camera|the compass|the steam engine|television|the typewriter|the wheelbarrow|
the ballpoint pen|the radio|the elevator|velcro|the pacemaker|GPS|the umbrella
"""),
    "diet": bars("""
a vegan|someone with a peanut allergy|a vegetarian|a person with celiac disease|an observant Jew|
a lactose intolerant person|a diabetic|someone allergic to shellfish|a devout Muslim|a Jain monk
"""),
    "dish": bars("""
a Caesar salad|pad thai|French onion soup|tiramisu|a cheeseburger|sushi|hummus|baklava|gumbo|paella|
a croissant|miso soup|falafel|lasagna|pho|haggis|kimchi|gelatin dessert|marshmallows|pesto|ramen
"""),
    "place": bars("""
Antarctica|the Sahara|Norway|Singapore|Alaska|Venice|the Amazon|Tokyo|Iceland|Nebraska|Cairo|Peru|
Mount Everest|Hawaii|Mongolia|London|Siberia|Madagascar|Paris|Mexico City|Death Valley|Greenland
"""),
    "container": bars("""
a shoebox|a phone booth|a school bus|a bathtub|a coffee mug|a suitcase|a mailbox|a Boeing 747|
an elevator|a wine barrel|a pillowcase|a refrigerator|a two car garage
"""),
    "heavy": bars("""
a grand piano|a bowling ball|a car battery|an anvil|a canoe|a baseball bat|a marble statue|
a cast iron stove|a bag of cement|a surfboard|a church bell|a log of oak|a javelin|a manhole cover
"""),
    "job": bars("""
a cardiologist|a plumber|an air traffic controller|a pastry chef|a librarian|a dermatologist|
a tailor|a beekeeper|an accountant|a dentist|a marine biologist|a locksmith|a veterinarian|a judge
"""),
    "subject": bars("""
chemistry|trigonometry|Latin|first aid|electricity|anatomy|tax law|meteorology|knots|fractions|
food safety|radio codes|geology|bookkeeping|genetics
"""),
    "festival": bars("""
Christmas|Halloween|Diwali|Independence Day|Oktoberfest|Valentine's Day|Carnival|Easter|
Bastille Day|
Thanksgiving|Chinese New Year|St. Patrick's Day
"""),
    "price": bars("""
a new sedan|a gallon of milk|a Picasso painting|a movie ticket|a wedding ring|a used bicycle|
a flight to Tokyo|a pair of jeans|a dozen eggs|a rare stamp
"""),
    "money": bars("""
hundred dollar bill|month of minimum wage|gold bar|Nobel Prize|silver coin|twenty euro note|
bitcoin|lottery jackpot
"""),
    "text": bars("""
the Iliad|Don Quixote|War and Peace|the Magna Carta|Dracula|the Quran|Romeo and Juliet|Moby Dick|
The Little Prince|the Bhagavad Gita|Frankenstein|Les Misérables|The Art of War|Pride and Prejudice
"""),
    "event": bars("""
World War I|the Black Death|the moon landing|the French Revolution|the Great Depression|
the Cold War|
the fall of Rome|the Boston Tea Party|the Gold Rush|the eruption of Krakatoa|Woodstock|the Dust Bowl
"""),
    "object": bars("""
a paper clip|a wedding ring|a violin|a soda can|a chess set|a guitar string|a horseshoe|a trumpet|
a pair of scissors|a candle|a pencil|a skateboard|a pair of headphones|a cook book|a kaleidoscope
"""),
    "diet2": bars("""
a blind person|a newborn baby|someone who is deaf|a person in a wheelchair|a left-handed teenager|
someone afraid of heights|a person with two broken arms|someone who can't swim|a color blind man
"""),
    "sport": bars("""
water polo|tennis|ice hockey|cricket|curling|beach volleyball|basketball|rugby|chess boxing|golf|
soccer|bobsledding|table tennis|archery|baseball|rowing
"""),
    "body": bars("""
the Moon|Mars|a submarine|Lake Baikal in winter|a cruise ship|the summit of Kilimanjaro|a rooftop|
the International Space Station|a frozen pond
"""),
    "planet": bars("Venus|Neptune|Saturn|Pluto|Mercury|Mars|Uranus|Jupiter|Halley's Comet|Sirius"),
    "drug": bars("""
penicillin|aspirin|insulin|an antihistamine|ibuprofen|a flu shot|vitamin C|an inhaler|quinine|
antacid
"""),
    "illness": bars("""
malaria|hay fever|scurvy|a common cold|diabetes|strep throat|asthma|a migraine|heartburn|measles|
gout|eczema|a broken leg|chickenpox
"""),
}

STUDIES: dict[str, tuple[str, ...]] = {}
STUDIES["randomized controlled trial"] = skeletons("""
[We|Investigators] randomly assigned {n} {patients} to [receive|take] {drug} or placebo for
    {4-52} weeks.
{n} {patients} were randomized in a 1:1 ratio to {drug} or [usual care|standard treatment].
In this double-blind, placebo-controlled trial, {patients} received {drug} [daily|twice a day].
Allocation to {drug} or control was [concealed|computer generated|stratified by center], and
    assessors were blinded.
A block randomization scheme assigned {patients} to the {drug} arm (n = {40-300}) or the
    [control|sham] arm.
The intention-to-treat analysis included all {n} {patients} randomized [to either group|].
[Eligible|Consenting] {patients} were allocated by chance to {drug} versus placebo and followed
    for {2-24} months.
Participants in the intervention arm received {drug}; those randomized to control got [an
    identical placebo|a waiting list].
Using a crossover design, {patients} took {drug} and placebo in random order with a {1-4}-week
    washout.
Neither the {patients} nor the clinicians knew who had been randomized to {drug}.
[Clinics|Villages|Schools] were randomized as clusters to offer {drug} or not.
""")
STUDIES["cohort study"] = skeletons("""
We followed {n} {patients} [prospectively|] for {2-20} years and recorded [new cases of|deaths
    from] {disease}.
{n} people free of {disease} at baseline were followed until {2005-2022}; hazard ratios were
    estimated by {exposure}.
Incidence of {disease} was compared between those exposed and not exposed to {exposure} over
    {5-25} years of follow-up.
Data came from a [birth|nationwide|military] cohort whose members were examined every {2-5} years.
During {20-900} thousand person-years of follow-up, {n} [incident|new] cases of {disease}
    occurred.
Participants reported {exposure} at enrollment and were then tracked for {disease} through
    registries.
A [prospective|longitudinal] cohort of {patients} was observed from {1985-1999} to {2003-2020}.
Of {n} workers hired before {1990-2000}, we traced who later developed {disease}, according to
    {exposure}.
Median follow-up of the cohort was {3-19} years; [nobody|no treatment] was assigned by the
    researchers.
Children born in {1985-2010} were followed into adulthood to see whether {exposure} preceded
    {disease}.
""")
STUDIES["case-control study"] = skeletons("""
{n} patients with {disease} (cases) were matched to {n} controls [by age and sex|from the same
    clinics].
Cases of {disease} were compared with controls without it regarding past {exposure}.
Odds ratios for earlier {exposure} were computed among people with {disease} and matched controls.
For each case of {disease} we picked {2-5} controls from [neighbors|the population
    register|hospital lists].
Past {exposure} was assessed by interview in {n} cases and {n} controls.
[Newly diagnosed|Hospitalized] cases of {disease} and healthy controls reported their history of
    {exposure}.
Conditional logistic regression compared {exposure} before diagnosis in cases and in matched
    controls.
Cases were drawn from the {disease} registry, controls from people [with fractures|visiting the
    same hospital].
Recall of {exposure} among cases and their [spouse|sibling] controls was compared.
""")
STUDIES["systematic review"] = skeletons("""
We searched [MEDLINE, Embase and CENTRAL|PubMed and Scopus] [up to {2008-2023}|from inception]
    for studies on {drug} in {patients}.
{10-90} studies with {n} {patients} met the inclusion criteria [and were pooled|].
A random-effects meta-analysis of {8-60} trials estimated the effect of {drug} on {outcome}.
Two reviewers independently screened {n} abstracts and extracted data on {outcome}.
Heterogeneity among the {8-60} included studies was [high|low|moderate] (I2 = {10-90}%).
[The review|This synthesis] followed PRISMA and was registered in PROSPERO.
Risk of bias of the included trials on {drug} was judged with a standard tool.
The literature search yielded {n} records, of which {9-70} reports on {disease} were eligible.
Funnel plots suggested [no|some] publication bias across studies of {exposure} and {disease}.
Evidence on {drug} for {disease} was pooled across {8-60} publications.
""")
STUDIES["case report"] = skeletons("""
[We describe|We report] a {20-90}-year-old [man|woman] with {disease} after {exposure}.
A {20-90}-year-old [woman|man] [presented|came] to our clinic with [fever|chest pain|a rash] and
    was found to have {disease}.
To our knowledge this is the [first|second] [described|reported] patient with {disease} caused
    by {drug}.
The patient, a {5-17}-year-old [boy|girl], recovered fully {2-9} days after {drug} was stopped.
[His|Her] symptoms began {2-20} days after {exposure}; biopsy confirmed {disease}.
This unusual case shows that {disease} can look like [flu|a stroke|food poisoning].
A previously healthy [farmer|nurse|teacher] developed {disease} within hours of {exposure}.
On examination the patient had [swollen hands|a murmur|blurred vision]; treatment with {drug}
    was started.
We present one patient in whom {drug} was followed by {disease}.
""")
STUDIES["cross-sectional survey"] = skeletons("""
{n} {patients} completed [an online|a mailed|an anonymous] questionnaire on {exposure} [in
    {2005-2023}|].
[Prevalence|The share] of {disease} was estimated from a [one-time|household|national] survey of
    {n} adults.
In a [single|] survey wave, {10-90}% of respondents reported {exposure}.
Questionnaires were returned by {n} of {patients} invited (response rate {30-90}%).
At one point in time we measured {outcome} and asked about {exposure} in {n} {patients}.
[Nurses|Students|Physicians] in {5-40} [hospitals|schools] were surveyed once about {exposure}.
The survey asked {n} {patients} whether they currently suffer from {disease}.
A snapshot of {exposure} among {patients} was taken with a telephone poll.
Associations between current {exposure} and current {disease} were read from the {2005-2023}
    health survey.
""")
STUDIES["animal experiment"] = skeletons("""
[Male|Female] [C57BL/6 mice|Wistar rats|Sprague-Dawley rats] were [fed|injected with|given]
    {drug} for {2-20} weeks.
{drug} lowered {outcome} in [mice|rats|rabbits] on a high-fat diet.
[Knockout|Transgenic] mice without the receptor developed [milder|more severe] {disease}.
[Rats|Piglets|Zebrafish] exposed to {exposure} were [killed|examined] after {2-30} days.
A [mouse|rat] model of {disease} was used to test {drug}.
Treated [mice|hamsters] lived {10-60} days longer than untreated littermates.
{outcome} was measured in the tail vein of [rats|mice] before and after {drug}.
[Beagle dogs|Guinea pigs|Macaques] received {drug} at {2-50} mg/kg.
[Pups|Litters] of dams given {drug} showed lower {outcome}.
""")
STUDIES["in vitro experiment"] = skeletons("""
[HeLa|HEK293|HepG2] cells were [incubated|treated] with {drug} for {6-72} hours.
{drug} inhibited growth of [cultured|human] [tumor|endothelial] cells with an IC50 of {2-90} uM.
[Western blots|PCR] of cell lysates showed [less|more] of the protein after {drug}.
Bacterial [strains|isolates] were grown on agar plates with {drug} at rising concentrations.
[Primary|Cultured] [neurons|fibroblasts|keratinocytes] were exposed to {drug} in six-well plates.
Transfection of the cell line with siRNA abolished the effect of {drug}.
Binding of {drug} to the purified receptor was measured [by calorimetry|in a test tube assay].
[Cell|Colony] viability after {drug} was quantified with the MTT assay.
Spheroids in culture shrank by {10-90}% when {drug} was added to the medium.
""")

ROLES: dict[str, tuple[str, ...]] = {}
ROLES["background"] = skeletons("""
{disease} [affects|is diagnosed in] [millions|one in {20-90}] of adults [worldwide|each year].
[Little|Not much] is known about {exposure} and {outcome} in {patients}.
{exposure} has long been [linked to|suspected to cause] {disease}, [but evidence is scarce|yet
    findings conflict].
[Current|Existing] [treatments|guidelines] for {disease} [have limited effect|rest on weak
    evidence].
{drug} is [widely|commonly] [used|prescribed] for {disease}.
[Despite decades of work|Although drugs exist], the burden of {disease} keeps rising.
{outcome} is an established [marker|predictor] of {disease}.
[Earlier|Previous] studies of {drug} gave mixed results.
Access to care for {patients} remains uneven.
The mechanism by which {exposure} leads to {disease} is [unclear|debated].
""")
ROLES["objective"] = skeletons("""
[We aimed|Our aim was|The goal of this study was] to [assess|test|examine] whether {drug} lowers
    {outcome} in {patients}.
[To determine|To evaluate|To investigate] the [effect|safety] of {drug} [in|among] {patients}.
This [study|paper] [asks|examines] [whether|if] {exposure} predicts {disease}.
[We sought|The purpose was] to compare {drug} with {drug2} [for|in] {disease}.
[We hypothesized|Our hypothesis was] that {exposure} would raise {outcome}.
[Here we|We therefore set out to] [ask|find out] how {exposure} relates to {outcome}.
To [describe|estimate] the prevalence of {disease} among {patients}.
The [primary|main] question was whether {patients} benefit from {drug}.
[To explore|To identify] [barriers|reasons] that keep {patients} from {drug}.
""")
ROLES["methods"] = skeletons("""
[We recruited|We enrolled] {n} {patients} from {3-40} [centers|clinics].
{outcome} was measured at baseline and after {2-24} [weeks|months].
[Data were analyzed|Analyses were done] with [mixed models|logistic regression|Cox models]
    adjusted for age and {exposure}.
Participants [took|were given] {drug} [daily|twice a week] for {4-52} weeks.
[Semi-structured|Telephone] interviews with {10-60} {patients} were recorded and coded.
[Blood|Urine|Saliva] samples were collected every {2-12} weeks.
Patients with [prior|severe] {disease} were excluded.
The primary endpoint was the change in {outcome} at {3-24} months.
Records of {n} {patients} were [linked|matched] to the national registry.
[Two|Three] trained raters scored each scan without knowing the group.
""")
ROLES["results"] = skeletons("""
{outcome} fell by {3-40}% with {drug} and by {1-2}% with placebo (p = 0.0{1-9}).
[Of|Among] {n} {patients}, {10-90}% [improved|relapsed|reported side effects].
[No|A] significant difference in {outcome} was [seen|found] between the groups.
The [odds|hazard] ratio for {disease} was {1-4}.{10-99} (95% CI 1.0{1-9} to {5-9}.{1-9}).
{patients} with {exposure} had [higher|lower] {outcome} than those without (p < 0.001).
Mean {outcome} [rose|dropped] from {50-99} to {20-49} [points|units].
[Adverse events|Headache and nausea] occurred in {3-30}% of those on {drug}.
{exposure} was associated with {disease} [in both sexes|only in men|after adjustment].
At {6-24} months {20-80} of {90-400} {patients} were still taking {drug}.
The model explained {20-80}% of the variance in {outcome}.
""")
ROLES["conclusion"] = skeletons("""
[Our findings suggest|These results indicate|We conclude] that {drug} [is effective|offers
    little benefit|is safe] [for|in] {patients}.
{drug} [may be considered|should not be used] as first-line treatment of {disease}.
[Further|Larger|Longer] [trials|studies] are needed [before {drug} is recommended|to confirm
    this].
[Clinicians|Policy makers] should [consider|pay attention to] {exposure} when treating {patients}.
[Taken together|In summary|Overall], {exposure} [appears to|does not seem to] [raise|influence]
    the risk of {disease}.
These data [support|do not support] the use of {drug} in {disease}.
[Reducing|Screening for] {exposure} could prevent [many|some] cases of {disease}.
[Thus|Hence], {outcome} may serve as a target in {patients}.
[The implication is|It follows] that guidelines on {disease} should be revised.
""")
STUDY_SLOTS: dict[str, tuple[str, ...]] = {
    "n": bars("{40-999}|{100-999}|{1-9},{100-999}|{10-99},{100-999}"),
    "patients": bars("""
patients with type 2 diabetes|pregnant women|adults over 65|stroke survivors|children with asthma|
nursing home residents|veterans|kidney transplant recipients|adolescents with depression|
breast cancer patients|night shift workers|adults with chronic back pain|preterm infants|
heart failure patients|university students|people with HIV|women after menopause|smokers
"""),
    "drug": bars("""
metformin|vitamin D|a mindfulness app|low-dose aspirin|atorvastatin|cognitive therapy|
omega-3 capsules|
a Mediterranean diet|probiotics|melatonin|supervised exercise|ketamine|zinc|acupuncture|losartan|
green tea extract|a text message program|iron supplements|yoga|curcumin|sertraline|oral rehydration
"""),
    "drug2": bars(
        "placebo|usual care|walking|counselling|ibuprofen|a low-fat diet|watchful waiting"
    ),
    "disease": bars("""
hypertension|dementia|lung cancer|osteoporosis|migraine|type 2 diabetes|depression|asthma|gout|
heart failure|preeclampsia|psoriasis|hepatitis|Parkinson's disease|insomnia|colorectal cancer|eczema
"""),
    "exposure": bars("""
air pollution|night work|coffee drinking|childhood adversity|red meat intake|noise|sleep loss|
pesticide use|alcohol use|screen time|secondhand smoke|obesity|low income|heavy lifting|statin use
"""),
    "outcome": bars("""
blood pressure|bone density|fasting glucose|sleep quality|pain scores|LDL cholesterol|grip strength|
body weight|anxiety scores|lung function|C-reactive protein|walking speed|heart rate|memory scores
"""),
}
