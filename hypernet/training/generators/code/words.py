"""Names, slips and remarks around code."""

from __future__ import annotations

from hypernet.training.generators.grammar_words import bars, skeletons

SYNONYMS: dict[str, tuple[str, ...]] = {
    "nums": ("arr", "values", "numbers", "data", "array", "input"),
    "s": ("str", "word", "input", "text1", "st"),
    "t": ("other", "str2", "t2"),
    "n": ("num", "x", "size", "number", "len1"),
    "i": ("idx", "p", "index1", "x1"),
    "j": ("q", "col", "y"),
    "result": ("res", "ans", "output", "answer", "out", "finalResult"),
    "count": ("cnt", "counter", "freq", "numFound"),
    "counts": ("freq", "tally", "counter"),
    "sum": ("total", "s1", "acc", "currSum"),
    "total": ("sum", "acc", "totalSum"),
    "max": ("best", "maxVal", "highest", "mx", "maximum"),
    "best": ("highest", "top", "biggest"),
    "min": ("lowest", "minVal", "mn", "minSoFar"),
    "left": ("l", "lo", "start", "low"),
    "right": ("r", "hi", "end", "high"),
    "mid": ("m", "middle", "center"),
    "map": ("hm", "seen", "lookup", "dict", "mp"),
    "set": ("seen", "visited", "hs"),
    "seen": ("lookup", "visited", "known"),
    "target": ("key", "goal", "k"),
    "temp": ("tmp", "t1", "aux", "hold"),
    "root": ("node", "tree"),
    "head": ("node", "list", "first1"),
    "stack": ("st", "stk"),
    "prev": ("previous", "before"),
    "curr": ("current", "cur", "node1"),
    "matrix": ("grid", "mat", "board"),
    "rows": ("m1", "height1", "numRows"),
    "cols": ("n1", "width", "numCols"),
    "words": ("strs", "tokens", "parts"),
    "dp": ("memo", "table", "f"),
    "prices": ("costs", "stock", "amounts"),
    "items": ("list", "elements", "entries"),
    "need": ("rest", "diff", "complement"),
    "index": ("pos", "insertAt", "slot"),
    "digit": ("d", "rem", "lastDigit"),
    "height": ("heights", "bars", "walls"),
    "coins": ("denominations", "pieces"),
    "prefix": ("pre", "common"),
}

METHOD_SLIPS: dict[str, tuple[tuple[str, str], ...]] = {
    "java": (
        (".length;", ".length();"), (".length()", ".length"), (".length; ", ".size(); "),
        (".length()", ".size()"), (".charAt(", ".at("), (".charAt(", ".getChar("),
        ("Math.max(", "Math.maximum("), ("Math.max(", "max("), ("Math.min(", "Maths.min("),
        ("Math.min(", "min("), (".containsKey(", ".hasKey("), (".put(", ".set("),
        (".put(", ".insert("), (".add(", ".append("), (".add(", ".push("),
        (".push(", ".append("), (".isEmpty()", ".empty"), (".toCharArray()", ".toCharList()"),
        (".append(", ".add("), ("Integer.MAX_VALUE", "Integer.MAX"), (".contains(", ".includes("),
        (".get(", ".fetch("), (".next;", ".nxt;"), (".val ", ".value "), (".left", ".leftChild"),
        (".substring(", ".substr("), (".split(", ".divide("), ("Arrays.fill(", "Array.fill("),
        ("sink(grid, i, j);", "flood(grid, i, j);"), (".getOrDefault(", ".getDefault("),
    ),
    "python": (
        ("len(", "length("), (".append(", ".push("), (".append(", ".add("), (".split(", ".divide("),
        (".join(", ".concat("), ("enumerate(", "enum("), ("max(", "maximum("), ("min(", "minimum("),
        (".lower()", ".toLowerCase()"), ("True", "true"), ("False", "false"), ("range(", "ranges("),
    ),
    "javascript": (
        ("new Map()", "new HashMap()"), (".has(", ".contains("), (".set(", ".put("),
        (".get(", ".fetch("), (".push(", ".append("), (".push(", ".add("),
        (".includes(", ".contains("), (".slice(", ".subList("), (".split(", ".divide("),
        (".join(", ".concatAll("), (".toUpperCase()", ".upper()"), ("true", "True"),
        ("false", "False"),
    ),
}  # fmt: skip
UNKNOWN_CALLS = (
    "validate({})", "helper({})", "formatResult({})", "checkAnswer({})", "convert({})",
    "postProcess({})", "{}Value", "Undefined.of({})", "solve2({})",
)  # fmt: skip
COMMENTS = bars("""
loop over the input|edge case|brute force works here|main logic|O(n) time|keep track of what we saw
|update|done|two pointers|here we go|check the condition|todo clean up|this is the important part
|walk through everything|nothing else to do|start here|similar to the previous problem|easy one
|handles small inputs|same as before|works for all cases|simple approach|first try|debug was here
""")

LANGUAGE_SNIPPETS: dict[str, tuple[str, ...]] = {
    "go": (
        "func <fn>(<v> []int) int {\n\t<r> := 0\n\tfor _, <x> := range <v> {\n\t\t<r> += <x>\n\t}\n"
        "\treturn <r>\n}",
        'package main\n\nimport "fmt"\n\nfunc main() {\n\t<v> := []string{"<w>", "<w2>"}\n'
        "\tfmt.Println(len(<v>), <v>[0])\n}",
        'if err := <fn>(<x>, <n>); err != nil {\n\treturn fmt.Errorf("<w>: %w", err)\n}',
        'type <C> struct {\n\t<X> string `json:"<x>"`\n\t<V> []int\n}\n\nfunc (<r> *<C>) '
        "<fn>() int {\n"
        "\treturn len(<r>.<V>)\n}",
        "<v> := make(map[string]int)\nfor i := 0; i < <n>; i++ {\n\t<v>[<fn>(i)]++\n}",
        "go func() {\n\tdefer wg.Done()\n\t<v> <- <fn>(<n>)\n}()",
    ),
    "rust": (
        "fn <fn>(<v>: &[i32]) -> i32 {\n    <v>.iter().sum()\n}",
        "let mut <v>: Vec<u64> = Vec::new();\nfor <x> in 0..<n> {\n    <v>.push(<x> * 2);\n}\n"
        'println!("{:?}", <v>);',
        'match <fn>(<x>) {\n    Some(<r>) => println!("<w> {}", <r>),\n    None => return '
        'Err("<w2>".into()),\n}',
        "#[derive(Debug, Clone)]\nstruct <C> {\n    <x>: String,\n    <v>: Option<u32>,\n}",
        "impl <C> {\n    pub fn <fn>(&self) -> usize {\n        self.<v>.len() + <n>\n    }\n}",
        'let <r> = std::fs::read_to_string("<w>.txt").unwrap_or_default();\nfor <x> in '
        "<r>.lines() {\n"
        "    <fn>(&<x>);\n}",
    ),
    "c++": (
        "#include <iostream>\n#include <vector>\n\nint main() {\n    std::vector<int> "
        "<v>{<n>, 2, 3};\n"
        '    for (auto& <x> : <v>) std::cout << <x> << "\\n";\n}',
        "int <fn>(const std::vector<int>& <v>) {\n    int <r> = 0;\n    for (size_t i = 0; "
        "i < <v>.size(); ++i) {\n"
        "        <r> += <v>[i];\n    }\n    return <r>;\n}",
        "template <typename T>\nT <fn>(T <x>, T <r>) {\n    return <x> < <r> ? <r> : <x>;\n}",
        'std::unordered_map<std::string, int> <v>;\n<v>["<w>"] = <n>;\nstd::cout << '
        '<v>.count("<w2>") << std::endl;',
        "class <C> {\npublic:\n    explicit <C>(int <x>) : <r>_(<x>) {}\n    int <fn>() "
        "const { return <r>_; }\nprivate:\n"
        "    int <r>_;\n};",
        "auto <v> = std::make_unique<<C>>(<n>);\n<v>-><fn>();\ndelete <x>;\n<x> = nullptr;",
    ),
    "sql": (
        "SELECT <x>, COUNT(*) AS <r>\nFROM <v>\nWHERE <x> > <n>\nGROUP BY <x>\nORDER BY <r> DESC;",
        "select a.<x>, b.<r> from <v> a join <w> b on a.id = b.<v>_id where b.<r> is not null",
        "UPDATE <v> SET <x> = '<w>' WHERE id = <n>;",
        "CREATE TABLE <v> (\n  id INTEGER PRIMARY KEY,\n  <x> VARCHAR(<n>) NOT NULL,\n  "
        "<r> TIMESTAMP\n);",
        "INSERT INTO <v> (<x>, <r>) VALUES ('<w>', <n>), ('<w2>', 7);",
        "DELETE FROM <v> WHERE <x> IN (SELECT <x> FROM <w> WHERE <r> < <n>)",
    ),
    "bash": (
        '#!/bin/bash\nfor <x> in *.txt; do\n  echo "$<x>"\n  wc -l "$<x>" >> <w>.log\ndone',
        'if [ -f "$<v>" ]; then\n  source "$<v>"\nelse\n  echo "no <w>" >&2\n  exit 1\nfi',
        "<r>=$(grep -c '<w>' <v>.log)\nif [[ $<r> -gt <n> ]]; then echo \"<w2>\"; fi",
        '<fn>() {\n  local <x>=$1\n  mkdir -p "$<x>/<w>" && cp -r <v>/* "$<x>"\n}',
        "set -euo pipefail\ncurl -s \"$URL/<v>\" | jq '.<x>' | sort -u | head -n <n>",
        'while read -r <x>; do\n  sed -i "s/<w>/$<x>/g" <v>.conf\ndone < <r>.txt',
    ),
    "ruby": (
        "def <fn>(<v>)\n  <v>.select { |<x>| <x> > <n> }.map(&:to_s)\nend",
        "class <C>\n  attr_reader :<x>\n\n  def initialize(<x>)\n    @<x> = <x>\n  end\nend",
        "<v> = { <x>: <n>, <r>: '<w>' }\n<v>.each do |key, value|\n  puts \"#{key} #{value}\"\nend",
        "require 'json'\n\n<r> = JSON.parse(File.read('<w>.json'))\nputs <r>['<x>'] unless "
        "<r>.nil?",
        "<v>.each_with_index do |<x>, i|\n  next if i.even?\n  <fn>(<x>)\nend",
        "module <C>\n  def self.<fn>(<x> = <n>)\n    raise ArgumentError, '<w>' if "
        "<x>.zero?\n    <x> * 2\n  end\nend",
    ),
}
IDENTIFIERS = bars("""
items|users|total|orders|name|price|value|rows|files|result|buffer|token|config|score|event|node
|queue|limit|message|record|weight|customer|session|color|index|amount|line|batch|image|path|cache
""")
FUNCTIONS = bars("""
process|load|compute|update|check|filter|fetch|validate|build|merge|convert|scan|count|send|parse
|collect|render|apply|resolve|summarize|cleanup|export|sync|dispatch
""")

REVIEW: dict[str, tuple[str, ...]] = {}
REVIEW["discuss"] = skeletons("""
[why|any reason why] [do we|are we|did you] [need|use|add|move] `{name}` [here|in this patch|at
    this level] ?
[i'm|i am] not sure [we|this] [want|should|really need] [to|] [do this|change the default|go
    this way] [, thoughts ?|. what do others think ?|]
[what|so what] happens if {thing} is [missing|empty|still running|shared by two {thing}s] ?
is [this|it] [really|actually] [what we want|possible|related to this change|intended] ?
[could|can] you explain [how|why] `{name}` [is called|ends up here|gets set] ?
how [does|will] this [work|behave] [with|for] [older {thing}s|multiple {thing}s|{system}] ?
[do|did] we [agree|decide] [on this|to drop {system} support] [on the mailing list|in the
    meeting|in the spec] ?
[have you|did you] consider[ed|] [using|doing this in] {system} instead ? [just asking|i have no
    strong opinion|]
[hm|hmm|huh] , [does that mean|so you're saying] {thing}s are [never|always] [reloaded|cleaned
    up|counted] ?
[i wonder|wondering] [if|whether] [this|it] should be [configurable|a separate change|done by
    {system}]
who [calls|owns|uses] `{name}` [nowadays|after this|besides the tests] ?
[isn't|wasn't] this [already|] [handled|covered|done] [by|in] `{name}` ?
[we should|let's] talk about [this|the upgrade story|how {thing}s get deleted] [before
    merging|at the next meeting]
[out of curiosity|question] : how [often|long] does [this|`{name}`] [run|take] ?
what's the [plan|story] for [{thing}s that exist already|backporting this|other drivers] ?
[i thought|i was under the impression that] {thing}s were [deprecated|immutable|per host] ?
[maybe|perhaps] this deserves [a spec|a bug report|its own blueprint] , [what do you think|wdyt] ?
are you [sure|certain] [about this|that {system} sends it|nobody depends on the old behaviour] ?
does [it|this] matter that [the order changes|we lose the {thing} id|this is called twice] ?
[my worry|my concern] is [how this scales|the upgrade from the last release|what {system} does
    with it] . [opinions ?|]
so far so good , still [thinking about|wondering about] the {thing} part
would [operators|users] [ever|really] [set|want] this ?
""")
REVIEW["documentation"] = skeletons("""
[nit|nits|super nit] : [typo|spelling] ,
    [s/teh/the/|s/recieve/receive/|s/occured/occurred/|s/seperate/separate/]
[please|could you|can you] [add|write] a [docstring|comment] [here|to `{name}`|explaining why]
[this|the] [docstring|comment] is [out of date|wrong|misleading] [now|since `{name}` changed|]
[the|your] commit message [should|needs to] [mention|explain|reference] [the {thing}
    change|why|bug {1000-9999}]
[needs|this needs|we need] a release note [for the {thing} change|for operators|]
[document|describe] [what|when] `{name}` [returns|raises|is none] [, please|in the docstring|]
[missing|add] [a|] [:param|:returns:|:raises:] [for|in the docstring of] `{name}`
the [help text|description] of [the|this] [option|parameter] [doesn't say|should say] [what the
    unit is|what 0 means|what the default does]
[it'd|it would] be [nice|good|helpful] to [have|leave] a comment [here|above the loop] [about|on
    why] [{system}|we skip {thing}s]
[reword|rephrase] : "[only {thing}s of the same {thing}|{thing}s are ignored|returns the
    {thing}]" [reads better|is clearer]
[the example|this example] in the [docs|readme|api ref] [does not match|still shows] `{name}`
[grammar|wording] : "{thing}s is" => "{thing}s are"
[a|] todo [comment|] [here|] [with your name|] [would help|please] so we don't forget [to remove
    this|]
[should|can] we [link|point] to the [spec|bug|{system} docs] [here|in the comment] ?
[please wrap|wrap] the docstring [at 79|to one line|] and [end it with a period|start with a verb]
the first line of the docstring should be [a summary|in the imperative]
[comment|note] this magic number [{100-999}|] , where does it come from
[copy paste|copy-paste] error in the [comment|docstring] , this is about {thing}s [not volumes|]
[remove|drop] the "[deprecated|new in]" note [from the docs|]
the [api|user] guide [needs|should get] [an update|a section] [for this|about {thing}s]
this comment [says|claims] [{thing}|`{name}`] but the code [below|] is about `{name}`
[+1|nice] , [but|just] [explain|mention] the [reason|why] in the [comment|commit message]
""")
REVIEW["false positive"] = skeletons("""
[never mind|nvm|nevermind] , [i see|i found] it [now|below|in the next patch]
[ah|oh] [ok|i see|right] , [this is|it's] [done|handled|set] in `{name}` [already|]
[note to self|self note] : [check|look at] `{name}` [again|later]
[ack|done|fixed|ok] [, thanks|]
[ignore|disregard] [my|the] [comment|previous comment] [, i misread|]
[sorry|my bad] , [i was looking at|i confused this with] [an old patchset|the base|another
    {thing}]
[this looks|looks] [wrong|odd] at first but [it's fine|{system} does it too|the tests prove it]
i [don't|can't] [see|find] where [`{name}`|the {thing}] is [set|used] ... [oh wait , line
    {20-900}|ok it's in the base class]
[good|nice] [catch|cleanup|test|idea]
[as discussed on irc|per the discussion] [this is fine|we keep it]
[unrelated|not related to this change] but [ok|fine] [by me|]
[same|ditto]
[yep|yeah|yup] , [that's right|makes sense|agree]
[pre-existing|existing issue] , [not your problem|nothing to do here]
[will|i'll] [rebase|fix] [this|it] in [a follow up|the next patch]
[leaving|just leaving] [a|this] [marker|comment] [for myself|so i find it again]
i thought [this|`{name}`] would [fail|break] [on py3|for {thing}s] but [it doesn't|i tested it
    and it works]
shouldn't this be {200-499} ? [edit : no , the spec says so|oh it's the old api version]
[this was|it was] moved from `{name}` [, no change|as is|]
[LOL|haha|heh] [ok|nice|]
[looks good|lgtm] [to me|modulo the other comments|]
this will conflict with [my patch|the change above] , [no worries|just a heads up]
""")
REVIEW["function"] = skeletons("""
this [will|can|could] [raise|throw|blow up with] [a|an]
    [KeyError|AttributeError|TypeError|IndexError|NullPointerException] [if|when] {thing} is
    [None|missing|empty]
[you|we] [need|have] to [check|handle] [the case where|if] {thing} is [None|empty|deleted]
    [here|before calling `{name}`|]
[this|the] [condition|check] is [wrong|inverted|backwards] , [it should be|use] [`not
    {name}`|`>=`|`and` not `or`]
`{name}` [returns|can return] [None|a list|bytes] [here|] , [not a dict|so this breaks|so the
    comparison is always false]
[this is|looks like] a race , [another {thing}|{system}] [can|could] [change|delete] it between
    [the check and the save|these two calls]
[you|this] [never|doesn't] [save|commit|close|release] the {thing} [after|when an error
    happens|] so [it leaks|the change is lost]
[this|it] [breaks|will break] [rolling upgrades|older {thing}s|{system}] because `{name}` [does
    not exist there|has a new argument]
[wrong|this is the wrong] [exception|type|id|variable] , [should be|you want] `{name}`
[this test|the test] [doesn't|does not] [actually|] [assert|test|cover] [anything|the
    failure|what it says] , it [passes|would pass] without the [fix|change]
the [timeout|limit|offset] is in [seconds|bytes|mb] but [`{name}`|{system}] [expects|wants]
    [milliseconds|kb|gb]
[missing|you forgot] [a|the] [return|await|break|lock|rollback] [here|in the error path|]
[should|must] [also|] [filter|match|update] [on|by] {thing} [id|] [, otherwise we get all of
    them|or others get hit too]
[this|`{name}`] [changes|mutates] [the|its] [argument|default dict|shared list] [, so the next
    call sees it|]
[this|the loop] [skips|misses] the [last|first] {thing} [, off by one|]
the query [will|would] [return|load] [every {thing}|deleted {thing}s|duplicates] , add [a
    filter|distinct]
if `{name}` [fails|raises] [here|] the {thing} [stays|is left] [in error state|locked|half
    created]
[you can't|don't] [call|use] `{name}` [from|inside] [a greenthread|the lock|{system}] , it
    [blocks|deadlocks]
[need|needs] to [convert|cast|encode] [this|the {thing}] [to str|to int|] [on python 3|] or it
    [fails|crashes]
default should be [False|0|None] , [otherwise|else] [existing {thing}s change|behaviour changes
    on upgrade]
[this|that] [overwrites|clobbers] [the {thing} set|`{name}` set] [above|by the caller]
[this] should [probably|] [return|be] {400-499} [instead of a 500|when the {thing} is not found]
the permission [check|] is [gone|missing] , any user can [delete|see] {thing}s now
""")
REVIEW["refactoring"] = skeletons("""
[nit :|] [you can|could|you could] [just|simply] [use|do|call] `{name}` [here|instead|directly]
[nit :|] [rename|i'd rename|maybe call] [this|it] [to|] `{name}` [, it's clearer|for consistency|]
[this|the] [block|code|logic] is [duplicated|the same as|copied from] [in|] `{name}` ,
    [extract|move it to] a helper
[unused|this is unused] [import|variable|argument] [, remove|, please drop|]
[this] [method|function|test] is [too long|doing too much] , [split it|break it up]
[can|could] [we|you] [inline|hoist|collapse|merge] [this|these two] [into `{name}`|into one
    {thing}|] ?
[no need|you don't need] [for|] [the|this] [else|temp variable|extra {thing}|list()] [here|after
    a return|]
[use|prefer] a [list comprehension|context manager|set|constant|decorator|dict lookup]
    [here|instead of the loop|]
[nit :|] [blank line|extra whitespace|indentation|import order]
[move|please move] [this|`{name}`] [up|to utils|next to the other {thing}s|to the base class]
[i would|i'd] [make|keep] [this|`{name}`] [private|a static method|a property] [, nothing else
    uses it|]
[why not|just] [mock.patch|assertEqual|assertIn|self.assertRaises] [here|] ? [shorter|simpler]
[simplify|this simplifies] to `return {name}`
[hard coded|hardcoded] [string|{thing} name|{100-900}] , [make it a constant|use fixtures]
[two|three] levels of nesting , [return early|invert the if] [instead|]
[the|this] [test setup|mock] [could|can] [go|live] in setUp
[nit :|] [single quotes|keyword args|f-strings|double quotes] [like the rest of the file|please|]
dead code [now|after your change] , [delete|remove] [it|`{name}`]
[pull|factor] [this|the {thing} part] out [so|and] [we can reuse it|the tests get
    simpler|`{name}` can use it too]
[would be|it's] cleaner [to pass the {thing} in|as a class|with an enum|if `{name}` did this]
[parametrize|ddt] [this|these tests] , [they only differ in one value|five copies of the same]
[redundant|superfluous] [check|cast|parentheses|pass] [, `{name}` does it|]
""")

REVIEW_SLOTS: dict[str, tuple[str, ...]] = {
    "name": bars("""
get_instance|_build_request|host_state|update_usage|self.driver|ctxt|resource_class|fetch_all
|port_id|to_primitive|node_uuid|volume_ref|parse_config|is_valid|retry_limit|_delete_allocation
|cell_mapping|save|load_flavor|list_servers|UserService.find|handleClick|props.items|SESSION_TTL
|_check_quota|migration.status|OrderRepository|build_index|flags|get_by_id|render_row|cleanup_task
"""),
    "thing": bars("""
instance|volume|port|host|migration|request|user|flavor|snapshot|session|node|allocation|record
|image|token|quota|server|cell|key|group|tag|job|worker|message|row
"""),
    "system": bars("""
neutron|the scheduler|cinder|libvirt|the api|placement|postgres|the cache|ironic|redis|the worker
|the frontend|the client|keystone|the gateway|kafka
"""),
}
REVIEW_WEIGHT: dict[str, tuple[str, ...]] = {
    "blocking": skeletons("""
-1 , this [deletes|overwrites] [live|production] {thing}s [without asking|on upgrade]
[can't|we can't] merge this [as is|like that] : [the tests fail|it leaks the {thing} password|no
    locking around `{name}`]
[security hole|injection] : {thing} comes [straight|unescaped] from the [url|user]
[this|`{name}`] crashes [on startup|for every {thing}|with python 3] , must be fixed before merge
the migration [drops|truncates] the {thing} table , [please stop|no way back]
[breaks|this breaks] the public api of `{name}` , [needs a new version|not acceptable]
deadlock [between|of] `{name}` and the {thing} thread , [reproducible|seen in ci]
you committed [a private key|a password|customer data] , [remove it|rewrite the history] first
the {thing} check was removed , [anyone|every user] can [delete|read] everything now
[half|most] of the [tests|ci jobs] [are red|were commented out] , please fix them first
"""),
    "nit": skeletons("""
nit : [extra blank line|trailing space|typo|quotes]
[tiny|super minor] : `{name}` could be [shorter|on one line|sorted]
[feel free to ignore|optional] , [i'd call it|maybe name it] `{name}`
[if you respin|next time you push] , [fix the indentation|wrap this at 79|drop the comma]
[personal taste|style only] : [early return|one import per line|tuple over list]
not worth a new patchset , but s/{thing}/{thing}s/
[could|might] [align|sort] these {thing}s , [no big deal|up to you]
[cosmetic|minor] : the [log|comment] [has a double space|ends without a period]
[micro nit|nitpick] : `{name}` before the {thing} [reads nicer|looks better]
"""),
    "question": skeletons("""
why `{name}` and not [the {thing}|{system}] ?
[what|how] does this do [for|with] an empty {thing} ?
is `{name}` [thread safe|ever None|called by {system}] ?
[how many|which] {thing}s [end up here|can this be] ?
does {system} [support|know] [this|the new {thing}] ?
did you [test|try] [this|it] with [two {thing}s|{system}] ?
[where|when] is [the {thing}|`{name}`] [created|released|set] ?
[what's|what is] the [reason|idea] [for|behind] [the {thing}|moving `{name}`] ?
[who|what] else [calls|reads] `{name}` ?
"""),
    "praise": skeletons("""
[nice|great|beautiful] [cleanup|work|test|catch] [!|, thank you|]
[love|really like] [this|how `{name}` reads now|the tests here]
[much|so much] [cleaner|clearer|faster] [than before|now|] , [thanks|kudos]
[wow|yay] , [that's|] [{100-900} lines less|no more {thing} hacks|finally a test for `{name}`]
    [!|]
[excellent|super helpful] [comment|commit message|docstring] [, learned something|]
[thanks|thank you] for [fixing|untangling|documenting] [`{name}`|the {thing} mess]
[neat|clever|elegant] [trick|solution|use of {system}] [!|]
[this is|] exactly what we needed [, well done|]
[+2|+1] , [very|really] [clean|readable] [patch|change]
"""),
}
