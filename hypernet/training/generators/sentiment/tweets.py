"""Words of tweets by emotion; `{user}` is a mention, as in anonymised corpora."""

from __future__ import annotations

from hypernet.training.generators.grammar_words import bars, skeletons

TWEETS: dict[str, tuple[str, ...]] = {}
TAGS: dict[str, tuple[str, ...]] = {}
EMOJIS: dict[str, tuple[str, ...]] = {}

TWEETS["anger"] = skeletons("""
[how dare|who gave] {person} [speak to me like that|the right to do this to us]
[so|absolutely|beyond] [furious|livid|fuming|raging] [right now|at {firm}|with {person}]
{firm} [charged me twice|lost my order|cancelled my {trip}] and [won't|refuses to] [refund
    me|pick up the phone|answer]
[worst|most disgusting] [service|customer care] ever {firm} , [never again|i want my money
    back|sort it out]
why are people so [rude|ignorant|selfish|stupid] on {place}
i swear if {person} [says one more word|does that again|texts me again] i will lose it
[what|such] a [disgrace|joke|shambles|bloody farce] , [someone should be fired|heads should
    roll|resign now]
stop [lying|playing the victim|making excuses] , you [did this|know what you did|are the problem]
my blood is boiling [after that {event}|reading this|watching {show}]
{user} you're a [liar|coward|hypocrite|clown] and everyone knows it
people who [talk in the cinema|don't indicate|chew loudly|park across two spaces] deserve
    [prison|a special place in hell|zero respect]
[i'm done|fed up] with {person} , [absolutely no respect|always taking the mick|what a snake]
{times} on hold with {firm} and then they HUNG UP on me
get out of my [face|mentions|way] [today|before i say something|]
that ref [is a cheat|robbed us|needs his eyes tested] , [absolute|] disgrace
honestly want to [punch|throw] [a wall|my laptop out of the window|something] [rn|right now]
nothing makes me more [angry|mad|irate] than [cruelty to animals|being talked over|late
    trains|people who lie to my face]
[politicians|these people|they] have [lied|stolen|cheated] long enough , it's a scandal
don't you dare [tell me to calm down|blame us for this|touch my things]
someone [keyed my car|stole my bike|took my parking space|ate my lunch] , [i hope you choke|what
    is wrong with you|absolute scum]
[another|the third] {times} delay , {firm} you are [useless|a disgrace|robbing us]
how is it legal to treat [nurses|workers|tenants|kids] like this ? [outrageous|sickening|shame
    on you]
i can't stand {person} , [that smug face|the voice alone|pure poison]
[provoke|test] me one more time , i dare you
still bitter about [that {event}|what {person} did|losing to those cheats]
{user} [shut up|pipe down|nobody asked you] [you muppet|you fool|]
these {noisy} neighbours [at 3am|every single night] , i am going to [snap|explode]
[so|] sick of being [ignored|disrespected|lied to|overcharged] by {firm}
how hard is it to [answer an email|do your job|say sorry|read a sign] ? unbelievable
i hate [this|that] [company|man|show|government|referee] with every bone in my body
the audacity of {person} [asking for money|to text me at midnight|blaming me for this]
{person} [just|] ruined [my whole day|the {event}|everything] and [doesn't even
    apologise|laughed about it]
[disgusted|appalled|outraged] by [the way you treat people|what i just saw on {place}|{firm} and
    their lies]
who the hell [raised you|designed this website|approved this] ??
revenge is coming , [mark my words|you will pay for this]
they let [a bully|a crook|that thug] walk free , this country's [justice|system] is a joke
threw my [phone|controller|headset] across the room because of {show}
don't insult my [intelligence|family|friends] and expect me to [smile|be quiet|be civil]
{user} blocked . reported . [grow up|get a life|vile]
[grr|argh|ugh] [why won't this work|my blood pressure|i could scream] , {firm} is a nightmare
""")
TAGS["anger"] = bars("""
#angry|#furious|#rage|#fuming|#disgusted|#outrage|#badservice|#shameonyou|#livid|#annoyed|
#neveragain|#scam|#worstcompany|#offended|#mad|#unacceptable|#ragequit|#bitter|#fail
""")
EMOJIS["anger"] = ("😡", "🤬", "😠", "💢", "🖕", "😤", "🙄")

TWEETS["joy"] = skeletons("""
[happy|happiest] [birthday|anniversary] {user} , [have the best day|love you loads|hope it's
    full of cake]
[best|funniest|loveliest] [day|night|weekend|morning] [ever|in ages|with the gang] , [can't stop
    smiling|my cheeks hurt from laughing|so much fun]
just [got engaged|passed my exam|landed my dream job|adopted a puppy|became an aunt] [!!!|and
    i'm over the moon|eeee]
{show} had me [crying with laughter|giggling like a child|howling] [last night|]
[so|genuinely so] [happy|chuffed|delighted|thrilled] [for {person}|right now|with this {thing}]
nothing beats [fresh coffee and sunshine|a sunday with {person}|the smell of rain|homemade
    cake|a long bath]
we WON the {event} , [what a night|get in|dancing all the way home]
{user} [haha|lol|lmao] [you made my day|this is hilarious|i'm in stitches|brilliant]
my [dog|cat|baby|nephew|toddler] just [learnt to dance|said my name|fell asleep on my lap|gave
    me a high five] [, heart melted|]
[thank you|thanks] {user} for [the gorgeous flowers|such a wonderful evening|the lovely
    surprise|making me laugh]
[beach|pool|garden] , [cold drink|good book|ice cream] , [good company|no emails|sunshine] .
    [bliss|pure bliss|heaven]
[woke up|came home] to [breakfast in bed|snow everywhere|a parcel from {person}|sunshine] and
    [i'm beaming|it's glorious|life is sweet]
{times} of pure joy at the {event} , [what a show|still buzzing|goosebumps]
[that|this] [smile|laugh] of {person} [is everything|lights up the room|is contagious]
dancing [around the kitchen|in my pyjamas|in the rain] to {show} , [no shame|don't care]
[friday|weekend|holiday] feeling , [wine is open|music is on|feet up]
finally [tried|got tickets to|finished] [{thing}|the {event}|{show}] and it was [amazing|a
    delight|magic]
can't stop [laughing|grinning|singing] [at this|since last night|after that {event}]
[yay|woohoo|yesss|hurray] , [the {thing} arrived|we're going to the {event}|mum said yes|it's
    finally friday]
{user} that's [the cutest thing|brilliant news|so lovely] , [congratulations|so happy for you
    both|made me smile]
reunited with {person} after {times} and [we haven't stopped laughing|the hugs were epic|it's
    wonderful]
[cheering|laughing] so hard at {show} [right now|that the neighbours knocked|]
love love love [my new {thing}|this weather|this album|{show}]
had the most [delightful|amazing|blissful|cheerful] [lunch|walk|concert] with {person}
[little|small] things : [a good hair day|free cake at work|a rainbow|a seat on the train] [made
    me so happy|happy dance|]
my [grandma|niece|little brother] dancing at the {event} is [the best thing i've ever seen|pure
    gold]
it's [{event} day|my birthday|pancake day] [!!!|, bring it on|, giddy as a kid]
so [blessed|lucky|grateful] to be [surrounded by these people|celebrating with {person}|here
    tonight]
living my best life [at {place}|with {person}|on this beach] [rn|]
just saw {person} [live|on stage|in concert] and i'm [buzzing|on cloud nine|floating]
[playful|silly] morning with [the pups|my kids|{person}] , [giggles all round|tickle fights]
the sun is out , [the birds are singing|kids are laughing|bbq is lit] and [all is
    well|everyone's merry]
[hilarious|hysterical] [night|story|video] , [tears rolling down my face|crying laughing|i can't
    breathe]
new [{thing}|haircut|flat] , [who dis|in love with it|so pleased with myself]
{person} surprised me with [{thing}|tickets to the {event}|dinner] , [i actually squealed|best
    friend award]
celebrating [one year with|the success of] {person} [tonight|with champagne|with all the cake]
that moment when [your jam comes on|your team scores in the last minute|you find money in your
    coat] , [glee|pure joy]
[merry|happy] [christmas|eid|diwali|new year|friday] [everyone|{user}|you beautiful people]
""")
TAGS["joy"] = bars("""
#happy|#joy|#blessed|#smile|#laughter|#fun|#goodtimes|#lol|#hilarious|#birthday|#cheerful|
#delighted|#lovemylife|#celebrate|#bliss|#grateful|#yay|#playful|#elated|#bestdayever
""")
EMOJIS["joy"] = ("😂", "😊", "🎉", "😁", "🤣", "❤️", "🥳", "😍", "🎂")

TWEETS["optimism"] = skeletons("""
[don't|never] [let fear|let worry|let the past] [hold you back|stop you|decide your future] ,
    [keep moving|you've got this|your time is coming]
[tomorrow|next year|the next chapter] [will|is going to] be [better|brighter|a fresh start] , [i
    can feel it|just believe|stay strong]
every [setback|failure|storm|closed door] is [a setup for something greater|a lesson in
    disguise|making you stronger]
[hoping|praying|fingers crossed] for [good news on {day}|a better season|a quick recovery for
    {person}|sunshine this weekend]
[believe|trust] in [yourself|the process|your dreams] and [the rest will follow|the fear will
    fade|doors will open]
we [may have lost|were beaten] [today|tonight] but [we'll come back stronger|the future of this
    team is bright|there's always next season]
first day of [my new job|therapy|uni|sobriety] [tomorrow|on {day}] , [nervous but ready|excited
    to see where this goes|one step at a time]
[faith|courage|hope] is [stronger than fear|taking the first step|what gets you through the night]
[keep going|hang in there|chin up] {user} , [better days are coming|you are doing great|it will
    work out]
can't wait to [start the new course|see what {day} brings|move into the new flat|get back on my
    feet]
[worry|anxiety|fear] is [a liar|temporary|just a feeling] . [act anyway|breathe|you are stronger
    than you think]
i [failed|fell|messed up] but [i learned|i'm getting up again|now i know what to do better]
the [only|] way [out|forward] is [through|up] . [onwards|let's go|keep the faith]
[god|the universe] has a plan [for you|for all of this] , [be patient|trust him|let go of worry]
if {person} can [beat this|come back from that] , [so can you|anything is possible|there is hope
    for all of us]
[really|] looking forward to [working with {person}|the new season|{day}|a healthier me]
{times} clean and [counting|proud|never going back]
[small|baby] steps [every day|lead to big changes] . [progress not perfection|you will get there]
a [smile|kind word] can [change someone's day|light the darkest room] , [pass it on|try it]
[success|growth] [begins|starts] where your [comfort zone|fear|excuses] end[s|]
we can [fix this|build a better {place}|turn this around] if we [work together|stand up|keep
    trying]
{user} you'll [smash it|be brilliant|be back on the pitch soon] , [no doubt|have faith]
dear [self|anyone who needs it] , [this too shall pass|you're closer than you think|the sun will
    rise again]
[ready|determined] to [conquer|take on] [{day}|this week|my fears] , [bring it on|nothing can
    stop me]
[positive|good] [vibes|thoughts] only , [good things are on the way|let's make today count]
there's [light|a way|always hope] [at the end of the tunnel|even on the darkest day|if you look
    for it]
optimistic about [the {event}|our chances on {day}|this new treatment|the plans for {place}]
be [brave|bold|fearless] , [take the risk|apply for the job|ask the question] , [the worst they
    can say is no|you might just fly]
[yes it hurts|it's hard] now but [one day you'll thank yourself|the pain will pass|you will look
    back and smile]
your [past|mistakes|scars] [does|do] not define [you|your future] , [start again|rise]
[new|fresh] [week|month|year] , [new goals|new chances|clean slate]
[dream|think|aim] big , [work hard|start small] , [stay humble|never quit]
doctors [say|are confident] {person} will [walk again|pull through|be home by {day}] , [keeping
    the faith|so hopeful]
our young players [will come good|are the future] , [give them time|exciting years ahead]
let your [hope|dreams] be [bigger|louder] than your [fear|doubt|worries]
it's never too late to [start over|learn something new|become who you want to be]
i'm [going to|gonna] [make it|be okay|get that promotion] , [watch me|just wait|manifesting]
what if it all [works out|goes right] ? [think about that|exactly]
""")
TAGS["optimism"] = bars("""
#hope|#believe|#nevergiveup|#faith|#motivation|#inspiration|#positivity|#fearless|
#courage|#keepgoing|#optimism|#goals|#mindset|#staystrong|#future|#bebrave|#success|
#mondaymotivation
""")
EMOJIS["optimism"] = ("🙏", "💪", "✨", "🤞", "🌈", "☀️", "🙌", "🌟")

TWEETS["sadness"] = skeletons("""
[i miss|missing] {person} [so much it hurts|more than ever tonight|and the way things were]
[can't stop crying|cried myself to sleep|in tears] [over {person}|after that {event}|and i don't
    even know why]
feeling so [low|lonely|empty|lost|numb] [tonight|these days|lately] [, don't know what to do|]
{times} since {person} [passed away|left us|walked out] and [it doesn't get easier|the house is
    so quiet|i still call the number]
[another|one more] [rejection|no] . [maybe i'm not good enough|i give up|what's the point]
[depression|grief|heartbreak] [is exhausting|comes in waves|won't let me out of bed]
rip {person} , [gone too soon|you'll be missed|heartbroken]
nobody [turned up to my birthday|texts me anymore|would notice if i was gone]
[my heart|it] [breaks|aches] for [the families|those poor kids|{person}] , [so
    awful|devastating|tragic]
had to say goodbye to my [dog|cat|old home|best friend] today , [broken|worst day of my life|bed
    feels empty]
[lost|we lost] the {event} [again|in the last minute] , [gutted|heartbroken|so deflated]
why do i always [end up alone|get left behind|push everyone away]
it's [raining|dark|grey] , i'm [skint|alone|ill] and [all my plans fell through|nobody
    cares|it's only monday]
i hate [being sad all the time|feeling like this|that i still love {person}]
[so|really] [sad|sorry] to hear about {person} , [sending love|such awful news|what a loss]
just [got dumped|failed my driving test|lost my job] , [pity party for one|want to
    disappear|feeling worthless]
my anxiety has been [terrible|so bad] and i [can't leave the house|feel like a failure|just want
    to sleep]
{show} [was cancelled|ended] and [i'm devastated|there's a hole in my life|i feel so empty]
the [saddest|loneliest] part is [no one noticed|{person} never even said goodbye|i saw it coming]
[looking at|found] old photos [of {person}|from school|of home] and [i'm a wreck|it hurts|tears]
it hurts when [you realise you were never a priority|your friends go out without you|{person}
    doesn't reply]
{user} i'm so [unhappy|miserable|down] , [wish you were here|can we talk|please come home]
[christmas|birthdays|sundays] without {person} [just isn't the same|will always hurt|are so hard]
back to [an empty flat|the hospital|square one] [, sigh|again|]
i [don't remember|can't recall] the last time i was [really happy|not tired|okay]
all i do is [disappoint people|worry|stay in bed and stare at the ceiling]
[sigh|oh no|gloomy day] , [my favourite café closed|{person} is moving away|the trip is cancelled]
[crushed|heavy hearted|sombre] [after the news|at {place} today|this morning]
so many [regrets|what ifs] , [should have told {person}|should have called|too late now]
feels like [everyone's moving on without me|i'm drowning|the light went out]
{person} didn't make [the team|it] , [so so sad|absolutely gutted for them|poor thing]
spent my [birthday|weekend|new year] [alone|in a&e|crying] [, again|]
[discouraged|defeated|dull] . [nothing i do works|tired of trying|that's the tweet]
poor [little thing|puppy|lad] [waited at the door all night|lost his mum|has nobody] , [breaks
    me|so sad]
wish i could [turn back time|hug {person} one last time|feel something]
homesick . [miss mum's cooking|miss my old friends|{place} isn't home]
the news from {place} is [heartbreaking|so depressing|too much] , [those poor people|can't watch]
[i've lost|lost] [my appetite|all motivation|touch with everyone] since {person} [left|died]
""")
TAGS["sadness"] = bars("""
#sad|#depressed|#heartbroken|#lonely|#grief|#missyou|#rip|#crying|#depression|#gutted|
#unhappy|#broken|#anxiety|#lost|#tears|#sadness|#hurt|#foreveralone|#gloomy|#sober
""")
EMOJIS["sadness"] = ("😢", "😭", "💔", "😔", "😞", "🥺", "☹️")

TWEETS["fear"] = skeletons("""
[i'm|im] [terrified|petrified|scared to death|so scared] of [{day}|flying|the dentist|the
    results|spiders]
[someone is|i think someone is] [outside my window|following me|in the house] and i'm
    [shaking|home alone|hiding]
can't sleep , [heard a noise downstairs|that film was too creepy|every shadow moves]
[biopsy|exam|test|scan] results on {day} , [dread in my stomach|i'm so afraid|can't breathe]
my [hands|knees] are [shaking|trembling] before [the interview|this {event}|surgery]
what if [they find out|the plane crashes|it's cancer|i lose my home] , [panicking|i can't stop
    thinking about it]
huge [storm|earthquake|fire] near {place} , [praying we're safe|we're hiding in the
    basement|really frightened]
never watching {show} alone again , [had nightmares|checked under the bed twice|jumped at every
    sound]
walking home in the dark and [a car slowed down|footsteps behind me] , [heart pounding|ran the
    whole way]
[panic|anxiety] attack on the [bus|train|plane] , [thought i was dying|couldn't move]
is anyone else [afraid|worried sick] about [the virus|the news from {place}|losing their job]
the turbulence on this {trip} is [horrifying|no joke] , [holding a stranger's hand|writing my
    goodbyes]
i dread [calling my boss|{day}|going back to that school|opening this letter]
{user} please text when you're home , [i'm scared|it's not safe out there]
my worst nightmare : [stuck in a lift|a snake in the toilet|public speaking] , [sweating
    already|help]
that [clown|doll|spider|dark corridor] [in {show}|in the hallway] still [haunts|terrifies] me
they say layoffs are coming on {day} and i'm [terrified|feeling sick with worry]
my {times} old is in surgery , [so frightened|i can't stop shaking|please be ok]
heard gunshots near {place} , [locking every door|hiding with the kids]
too afraid to [look at my bank account|check the lump|answer the phone|ask {person}]
that [plane|car|dog] came so close , [legs like jelly|still trembling]
a stranger sent me [my own address|photos of my house] , [what do i do|police on their way]
[horror|creepy] [vibes|noises] in this [hotel|old house] , [not sleeping a wink|lights stay on]
""")
TAGS["fear"] = bars("""
#scared|#terrified|#fear|#nightmare|#panic|#anxious|#creepy|#afraid
""")
EMOJIS["fear"] = ("😱", "😨", "😰", "🫣", "👻")

TWEETS["love"] = skeletons("""
[i love|so in love with] [you|him|her|my {partner}] [more every day|to the moon and back|with
    all my heart]
fell asleep in [his|her] arms and [never want to leave|felt so safe|it felt like home]
{times} married to my [best friend|soulmate] , [still get butterflies|would say yes again]
{user} you [are|will always be] [my everything|my favourite person|the love of my life]
he [wrote me a letter|drove all night to see me|kissed my forehead] and [i'm melting|my heart]
[missing|thinking of] my {partner} [on the other side of the world|at work] , [counting down the
    days to kiss you|my heart is yours]
every love song is about [you|us] now
i [look at|watch] my {partner} [sleeping|cooking] and think how [deeply|much] i adore [him|her]
she [said yes|holds my hand like nobody else|has my heart] , [forever starts now|mine forever]
my {partner} and i , [two hearts|under the stars|one blanket] , [so in love|nothing else matters]
you're the [first|last] thing i think of [in the morning|at night] , [darling|my love]
good night my [love|darling|sweetheart] , [dream of us|sending kisses]
i'd choose [you|him|her] in [every lifetime|a hundred worlds|any universe]
the way [he|she] says my name , [swoon|weak at the knees|i'm smitten]
cuddles with my {partner} , [the world can wait|all i need]
holding our newborn , [never knew a love like this|my heart doubled in size]
to my [mum|sister|gran] : [i love you beyond words|you are my heart|thank you for your endless
    love]
i have a [massive|hopeless] crush on {person} and [it's getting serious|i think it's love]
being loved by [you|him|her] is [the sweetest thing|my favourite feeling]
distance means nothing when [someone means everything|it's true love|you have my heart]
valentine's with my {partner} , [roses|candlelight] and [kisses|slow dancing]
i still have every [letter|ticket stub|photo] from our first [date|summer] , [hopeless
    romantic|head over heels]
""")
TAGS["love"] = bars("""
#love|#inlove|#soulmate|#couplegoals|#mylove|#valentine|#iloveyou
""")
EMOJIS["love"] = ("❤️", "😘", "💕", "🥰", "💍", "💋")

TWEETS["surprise"] = skeletons("""
[wait|hold on|omg] what ?! [{person} is back|they cancelled {show}|{firm} just did that]
i [did not|really didn't] see that [coming|twist coming|plot twist in {show} coming]
[woah|wow|whoa] , [never expected|who would have thought] [{person} to win the {event}|snow in
    june|that from {firm}]
just found out {person} [is my cousin|has a twin|speaks {2-9} languages] , [mind blown|jaw on
    the floor|what]
[speechless|gobsmacked|stunned|in shock] [, they actually did it|after that {event}|, no words]
opened my [front door|inbox|fridge] and [there was a {animal}|{person} was standing there] ??
since when does {firm} [sell {thing}|open on sundays|reply in {2-9} seconds] , [amazed|i had no
    idea]
[you're telling me|today i learned] {place} has [a secret tunnel|only {20-90} residents|its own
    king] ? [unbelievable|what else don't i know]
out of nowhere {person} [quit|proposed|shaved his head|called me] , [didn't see it coming|i
    dropped my cup]
that plot twist in {show} , [i gasped|rewound it three times|my jaw dropped]
did that really just happen at the {event} ? [am i dreaming|astonishing|pinch me]
they threw me a surprise [party|baby shower] , [i had no clue|totally caught off guard|i screamed]
plot twist : [i got the wrong {thing}|the bill was {2-9} dollars|it was him all along]
a {animal} just [walked into the office|got on my bus|stole my sandwich] , [i can't believe my
    eyes|what is happening]
{user} no way , [you're kidding|for real|since when] ?
i thought it was [tuesday|{times} ago|a joke] , [it's real|turns out it's not] , [shook|what]
0-5 at half time ?? [what planet is this|someone explain|did not expect that]
[unexpected|sudden] [hail|visitor|phone call from {person}] , [startled me|well that was odd]
guess who [i bumped into|sat next to me] at {place} after {times} ? {person} . [couldn't believe
    it|small world]
my {thing} from {2001-2012} [still works|is worth thousands] ?? [astounded|how]
[huh|eh] , so the answer was {40-90} all along , [never would have guessed|blew my mind]
""")
TAGS["surprise"] = bars("""
#omg|#shocked|#plottwist|#mindblown|#wow|#unexpected|#what
""")
EMOJIS["surprise"] = ("😮", "😲", "🤯", "😳", "👀")

SLOTS: dict[str, tuple[str, ...]] = {
    "user": ("@user", "@user", "@user @user", "@user @user @user"),
    "person": bars("""
my ex|my boss|my sister|the manager|our striker|my landlord|dad|my best mate|grandad|
that guy|mum|coach|my flatmate|jamie|the bus driver|my brother|lena|uncle joe|our keeper|
my teacher|my cousin|the lads|nan|my old friend|marcus|that new singer|the president|
our neighbour
"""),
    "firm": bars("""
the bank|this airline|my broadband provider|the phone company|the council|
the delivery firm|my gym|the railway|customer support|the energy company|that store|
the app|the ticket site|@user
"""),
    "trip": ("flight", "train", "booking", "holiday", "bus"),
    "place": bars("""
london|the train|twitter|town|the stadium|leeds|chicago|the office|this app|facebook|
campus|the motorway|the beach|manila|lagos|austin|work|the coast|the city
"""),
    "event": bars("""
match|game|final|concert|meeting|wedding|derby|election|party|show|festival|debate|race|
gig|playoff|interview
"""),
    "show": bars("""
that documentary|the new season|bake off|the finale|this podcast|the trailer|that movie|
love island|the news|this video game|episode {2-9}|that horror film|the quiz|the cartoon
"""),
    "times": (
        "{2-9} hours",
        "{20-59} minutes",
        "{2-9} days",
        "{2-9} years",
        "{2-9} weeks",
        "{2-9} months",
    ),
    "noisy": ("loud", "noisy", "inconsiderate", "drunk", "stomping"),
    "thing": bars("""
phone|jacket|bike|camera|lamp|sofa|record player|guitar|kettle|pair of boots|plant|laptop|
book|console
"""),
    "day": ("monday", "tuesday", "thursday", "friday", "the weekend", "next month", "tomorrow"),
    "partner": ("wife", "husband", "girlfriend", "boyfriend", "fiancé", "man", "lady"),
    "animal": ("fox", "goat", "duck", "peacock", "squirrel", "pony", "raccoon"),
}

# Plain remarks that any tweet may start or end with, whatever its emotion.
STARTS = bars("""
honestly|literally|ok so|lol|seriously|today|so|tbh|right|me :|mood :|reminder :|
another day ,|last night|i mean|guys|well|and then|just saying ,
""")
ENDS = bars("""
tbh|rn|lol|this morning|again|today|&amp; that's that|smh|i guess|as usual|right now|
tonight|at work|in {place}|#{year}|#monday|#life|#thoughts|#truth|#nowplaying|...
""")
