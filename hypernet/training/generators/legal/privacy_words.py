"""Phrases of privacy policies, by purpose of the data use.

One phrase per "- " item; <x|y> is a choice, {slot} a place to fill. Knows nothing of drawing.
"""

from __future__ import annotations

PURPOSE_NOUNS: dict[str, str] = {
    "Additional service/feature": """
- an optional extra feature
- an add-on service that is not part of the core offer
- an additional feature beyond the basics
- supplementary services
- a non-basic feature
- an extra, optional service
- additional service purposes
- features on top of the basic service
- a secondary (non-core) service
- a further service users may turn on
""",
    "Analytics/Research": """
- analytics
- research purposes
- analysis and research
- statistical analysis
- market research and analytics
- usage measurement
- internal research
- product analytics
- audience statistics
- analytical or research ends
""",
    "Advertising": """
- advertising
- ads
- targeted ads
- interest-based advertising
- ad delivery and targeting
- showing advertisements
- advertising purposes
- behavioral advertising
- serving and measuring ads
- ad targeting
""",
    "Service operation and security": """
- operating the service or keeping it secure
- service operation and security
- security and fraud prevention
- running and protecting the service
- site maintenance and security
- operational or security reasons
- system administration and protection
- operations or safety of the service
- keeping the platform up and safe
- operational needs and security
""",
    "Merger/Acquisition": """
- a merger or acquisition
- corporate transactions such as a merger
- the sale or merger of the company
- merger and acquisition purposes
- a business transfer
- an acquisition of the business
- a change of ownership
- a company sale, merger or bankruptcy
- corporate restructuring or takeover
- transfer of assets to a buyer
""",
    "Legal requirement": """
- legal requirements
- compliance with the law
- legal obligations
- meeting a court order or statute
- reasons required by law
- legal compliance
- responding to legal process
- regulatory obligations
- law enforcement requests
- what the law demands
""",
    "Marketing": """
- marketing
- marketing purposes
- promotional messages
- direct marketing
- promotions and newsletters
- marketing communication
- promotional outreach
- marketing campaigns
- sending offers
- contacting users with promotions
""",
    "Personalization/Customization": """
- personalization
- customization
- tailoring the experience
- personalizing content
- customized content and layout
- adapting the site to the user
- personalization or customization purposes
- tailored recommendations
- individual preferences and customization
- making the service personal
""",
    "Basic service/feature": """
- a basic service
- the core feature requested
- basic service delivery
- a basic feature of the product
- providing the main service
- the primary service
- a fundamental feature
- essential service functions
- fulfilling the basic service
- basic functionality
""",
    "Unspecified": """
- an unstated purpose
- unspecified reasons
- a purpose that is not specified
- reasons left unspecified
- an unspecified end
- purposes the policy does not spell out
- no clearly stated purpose
- a purpose left vague
- unspecified purposes
- some purpose not named in the text
""",
    "Other": """
- a purpose the label scheme does not cover
- a reason outside the scheme's labels
- some other purpose not among the labels
- a purpose that falls outside our categories
- an end not covered by the scheme
- a use that no label of the scheme describes
- other purposes outside the annotation scheme
- a purpose beyond the listed labels
- reasons the label set has no entry for
- a different purpose, outside the labels
""",
}

PURPOSE_ACTS: dict[str, str] = {
    "Additional service/feature": """
- enable the optional <chat|voice|photo sharing> feature
- let you invite friends from your address book
- offer premium extras such as <cloud backup|wish lists|price alerts>
- provide the optional store locator
- run our loyalty <add-on|program> if you join it
- power the find-a-friend option
- let you post comments and <reviews|ratings>
- support social sharing buttons
- make the <calendar sync|gift card|referral> extra available
- allow you to enter contests and sweepstakes you choose to join
- give you optional text alerts
- let other members see your profile if you switch this on
- offer community forums alongside the main service
- provide directions to nearby <stores|branches> when you ask
""",
    "Analytics/Research": """
- understand how visitors use our <site|app|service>
- measure traffic and usage <trends|patterns>
- compile statistics about our audience
- study which pages are popular
- conduct surveys and market research
- analyze crash rates and engagement
- perform data analysis on customer behavior
- count visitors and evaluate performance of content
- research how products are used
- produce aggregate reports on usage
- learn from browsing patterns what works
- track page views with analytics tools
- test new designs and evaluate the results
- carry out academic and internal research
""",
    "Advertising": """
- show you ads that match your interests
- deliver targeted advertising on other sites
- help advertisers reach the right audience
- display banners based on your browsing
- limit how often you see an advertisement
- measure ad clicks and conversions
- serve interest-based ads across devices
- let ad networks select advertisements for you
- retarget you with ads after you leave
- build audience segments for advertisers
- decide which sponsored posts appear
- sell advertising space to partners
- make the commercials you see more relevant
- support ad-funded content
""",
    "Service operation and security": """
- detect and prevent fraud
- keep our servers running and secure
- diagnose technical problems
- protect accounts against unauthorized access
- verify your identity at login
- maintain and debug the <site|app>
- block spam, bots and abuse
- administer our systems and networks
- investigate suspicious activity
- monitor the integrity of the platform
- back up and restore data after an outage
- enforce our terms and keep users safe
- authenticate devices and stop attacks
- balance load on our servers
""",
    "Merger/Acquisition": """
- complete a merger or sale of our business
- transfer assets to the company that acquires us
- allow a buyer to carry on the business
- carry out a reorganization or takeover
- close an acquisition of all or part of our company
- hand over records in bankruptcy to the purchaser
- conduct due diligence for a proposed sale of the firm
- give effect to a change of control
- pass customer files to a successor entity
- go through with a divestiture
- combine our company with another
- finalize the sale of a division
""",
    "Legal requirement": """
- comply with applicable law
- respond to a subpoena or court order
- meet our tax and accounting obligations
- satisfy a government request
- cooperate with law enforcement
- fulfil our statutory duties
- comply with export rules and regulations
- answer lawful requests from public authorities
- report as required by regulators
- follow the requirements of legal process
- comply with COPPA and similar laws
- establish or defend legal claims as law requires
""",
    "Marketing": """
- send you newsletters and special offers
- tell you about new products and promotions
- email you coupons
- contact you about sales and events
- run marketing campaigns
- mail catalogs to your home
- let partners send you promotional offers
- inform you of deals you may like
- promote our other brands to you
- call you about upcoming offers
- put you on our mailing list for promotions
- market our services to you
""",
    "Personalization/Customization": """
- personalize the content you see
- remember your language and display preferences
- tailor recommendations to you
- customize your home page
- show <stories|products> suited to your tastes
- adapt the layout to your device and settings
- suggest items based on past purchases
- greet you by name and remember your choices
- make search results more relevant to you
- offer a customized experience
- recall your favorites between visits
- arrange your feed around your interests
""",
    "Basic service/feature": """
- process your order and ship it
- create and manage your account
- provide the service you asked for
- complete your payment
- deliver the <tickets|subscription|content> you bought
- answer your support questions
- send you order confirmations
- let you log in and use the app
- book your <room|trip|appointment>
- fulfil your request
- bill you for the service
- carry out the transaction you started
""",
    "Other": """
- consider your job application
- process a charitable donation you make
- handle scholarship nominations
- manage investor relations mailing
- verify press credentials
- organise volunteering with our foundation
- keep an archive for historians
- admit visitors to our offices
- support franchise enquiries
- plan our annual shareholder meeting
- train our employees
- credit photographers whose work we publish
""",
    "Unspecified": """
- use it in the ways we see fit
- support our various purposes
- use it for our own purposes
- serve business needs that are not described here
- do things this policy does not go into
- use it as permitted elsewhere
- use it for any purpose we choose
- serve general purposes
""",
}

NOT_SPECIFIED = """
- Users with an account may <view|edit|delete> their <profile|personal information|settings>,
  within <limits that are not described|the scope of the account data>.
- {data_cap} is kept <for as long as the account exists|for an unstated period|for {count}
  months>, and the text does not say why.
- The <text|policy> describes <encryption in transit|restricted staff access|secure data
  storage|a privacy training program> as a safeguard.
- When the policy changes, users are told by <e-mail|a notice on the home page|a new date on the
  page>; <their choices are not mentioned|they may close the account if they disagree>.
- <Do Not Track signals|Browser privacy signals> are <ignored|honored|not discussed> by the
  site.
- This part addresses <children under 13|residents of California|visitors from Europe|users
  outside the US> only.
- Security of {data} is protected <by generic measures|by measures that are not explained|with
  passwords and firewalls>.
- You may <update|correct|remove> {data} by <writing to us|visiting your settings|calling
  customer service>.
- The section gives the postal address and <e-mail|phone number> for privacy questions.
- <Visitors|Account holders> can deactivate the account, though some copies may remain.
- We take reasonable <steps|measures> to guard {data} against loss and misuse, but no system is
  perfectly secure.
- We may revise this policy from time to time, and the date at the top shows the last change.
- If you are a <California|Nevada|Vermont> resident you have <certain rights|the right to ask
  for details> regarding {data}.
- Our <site|app> is not directed to children, and parents may ask us to delete {data}.
- Links lead to other sites; we are not responsible for their practices.
- By using the <site|app> you agree to this policy.
- An <unnamed|unidentified> group of users can <export|see> {data} in a way the scheme does not
  describe.
- Retention of {data} lasts <an indefinite time|until the user asks for removal|a limited time>.
- Users may opt out of <something unstated|the handling of {data}> by <clicking a link|an
  unspecified method>.
- Data is stored on servers located in <the United States|another country|a named data center>.
- Only employees with <clearance|a need to know> can reach {data}.
- Changes to this notice take effect <at once|after {count} days>, with <no|only a general>
  announcement to users.
- A user without an account cannot <see|change> {data} held by the site.
- This paragraph introduces the company and what the policy applies to.
- The policy <does not mention|is silent on> how {data} is protected.
- We self-certify under an international privacy framework<| and submit to its dispute process>.
- Access to {data} is available through <the account page|a written request>, within {count}
  days.
- If you have a complaint about {data}, <contact our privacy officer|write to the address
  below>.
- Terms in capitals have the meaning given in the <Terms of Use|definitions> section.
- The site <keeps|stores> {data} after the account is closed.
"""

FIRST_NOUN = """
- The <site|website|app|company|service> <collects|gathers|records|obtains|uses> {data} for
  {noun}.
- The <site|app> does <not |>collect {data} for {noun}.
- {data_cap} <is|are> <collected|used|gathered> by the <first party|site|company> for {noun}.
- For {noun}, the <operator|provider|site> <takes in|stores and uses|logs> {data}.
- Collection of {data} by the <site|app> serves {noun}.
- A user with an account can <opt out of|opt in to|limit> the use of {data} by the site, which
  uses it for {noun}.
- You <can|may> <turn off|decline|control> the collection of {data} by the <site|company> for
  {noun}.
- The <first party|website> <processes|handles> {data} for {noun}.
- Another part of the same company <uses|holds> {data} for {noun}.
- The <mobile app|site> <tracks|observes> {data} for {noun}.
"""

THIRD_NOUN = """
- <An unnamed|A named|An unspecified|Some unidentified> third party <receives|does receive|can
  see|gets> {data} for {noun}.
- <An unnamed|A named> <partner|outside company|vendor> <collects|tracks> {data} on the
  <site|app> for {noun}.
- {data_cap} <is|are> <shared with|passed to|disclosed to> <a third party|outside companies|an
  unnamed partner> for {noun}.
- Third parties do <not |>receive {data} for {noun}.
- For {noun}, <an unnamed third party|another company> is given access to {data}.
- You can <refuse|limit|avoid> the sharing of {data} with a third party, which
  <collects|receives> it for {noun}.
- A third party is allowed to <see|track|collect> {data} for {noun}.
- The site <shares|discloses> {data} <with|to> <a named service|an unnamed third party> for
  {noun}.
- <Partners|Vendors> of the site <may|do> obtain {data} for {noun}.
- An <unspecified|outside> third party does <something unclear with|not receive> {data} for
  {noun}.
"""

FIRST_ACT = """
- We <collect|use|gather|may use|may collect> {yours} to {act}.
- We <ask for|request|keep> {yours} <in order to|so that we can> {act}.
- When you <visit our site|register|use the app>, we <record|collect> {yours} to {act}.
- To {act}, we <need|rely on|use> {yours}.
- {yours_cap} <is|may be> used to {act}.
- Our <app|website> <saves|logs> {yours} to {act}.
- {yours_cap} helps us {act}.
- If you provide {yours}, we will use it to {act}.
- We and our affiliates <process|use> {yours} to {act}.
- Like most <sites|companies>, we use {yours} to {act}.
"""

THIRD_ACT = """
- We may <share|disclose> {yours} with <third parties|other companies|outside firms> to {act}.
- <Our partners|Third parties|Outside vendors> <receive|may collect> {yours} to {act}.
- {yours_cap} may be <passed|transferred|given> to <a third party|another company|selected
  partners> to {act}.
- To {act}, we <provide|hand> {yours} to <third parties|outside companies>.
- We <may release|disclose> {yours} to <others|unaffiliated parties> in order to {act}.
- <Companies we work with|Third-party providers> may access {yours} to {act}.
- Third parties place <cookies|tags> on our site and read {yours} to {act}.
- We let <third parties|business partners> use {yours} to {act}.
"""

EXTRA = """
- <It is gathered|The information is gathered|This happens> when you <type it in
  yourself|knowingly provide it|fill in a form> <on the site|in the app|by other means>.
- <It is gathered|The information is taken> <automatically|implicitly> <as you browse|on the
  website|from another source|in a way not explained>.
- The data <identifies you|can be tied to you|is anonymized or aggregated|has an unclear
  identifiability>.
- You can <opt out|opt in|control this> <through browser settings|by contacting the company|in
  your account settings|via a link>.
- This <applies|relates> to <users with accounts|registered members|all visitors>.
- How it is collected is <not explained|unclear|left open>.
- <No choice is offered|Choices are not mentioned> here.
- You may <configure|change> this with <settings of the site|third-party tools>.
"""
