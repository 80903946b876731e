"""Phrases of contract clauses, by clause kind.

One phrase per "- " item; <x|y> is a choice, {slot} a place to fill. Knows nothing of drawing.
"""

from __future__ import annotations

CLAUSES: dict[str, str] = {
    "Anti-Assignment": """
- <Neither party|Neither {a} nor {b}> may assign {agr}<| or any <right|interest> in it> without
  the prior written consent of the other<| party>.
- {a} shall not <assign|transfer|sell> {agr}, <in whole or in part|by operation of law or
  otherwise>, without {b}'s <prior|express> written <approval|permission>.
- Any <attempted|purported> assignment <in violation of|contrary to> {sec} shall be <void|null
  and void|of no effect>.
- {agr} is personal to {a} and may not be <assigned|made over> to any <person|third party>.
- {b} may freely assign {agr} to <an Affiliate|a successor to its business>, but {a} may not do
  so <absent|unless it first obtains> {b}'s consent<|, which shall not be unreasonably
  withheld>.
- The rights granted <herein|to {a}> are not <transferable|assignable>, and {a} may not delegate
  its duties without consent.
- Consent to <one|an> assignment shall not <release|relieve> {a} from its obligations nor
  <constitute|be> consent to any further assignment.
- {agr} shall bind and benefit the parties and their successors and permitted assigns, but no
  party may transfer its <rights|interest> without <approval|leave> of the other.
- A <merger|change in control|sale of more than {pct} of the stock> of {a} shall be deemed an
  assignment requiring {b}'s consent.
- {a} may not sublet, <pledge|encumber> or assign its <interest|rights> hereunder unless {b}
  agrees in writing <beforehand|within {days} of the request>.
- No assignment by {a} is effective until the assignee <assumes|has agreed to assume> in writing
  all of {a}'s obligations and {b} has <approved|accepted> it.
- Neither {agr} nor any of the <rights|duties> hereunder shall be assigned or
  <delegated|subcontracted> by {a} to others.
- Except in connection with a <sale of substantially all assets|merger or reorganization>, {agr}
  may not be assigned by either party without the other's consent.
- THIS AGREEMENT MAY NOT BE ASSIGNED BY {A} WITHOUT THE WRITTEN CONSENT OF {B}.
- You may not transfer <the franchise|any interest in {agr}> without our approval, and any
  <transfer|assignment> lacking it <is|will be> a breach.
- {a} acknowledges that {b} relies on {a}'s <skill|reputation|financial standing>; accordingly
  {a} shall not <hand over|assign> its position to anyone else.
- {b} shall have the right to <assign|novate> {agr} to <its lender|any subsidiary> upon <notice
  to|{days} notice to> {a}; {a} has no <like|corresponding> right.
- The license may not be <sublicensed|transferred> or assigned, <voluntarily or
  involuntarily|including in bankruptcy>, except to a <purchaser|buyer> approved by {b}.
- Nothing in {agr} permits {a} to <cede|assign> its claims against {b}; any such cession
  requires <written consent|signature by both parties>.
- {a} may assign {agr} without consent only to <a wholly-owned subsidiary|a parent company>, and
  shall remain <primarily|jointly and severally> liable.
- Assignment of {agr} by either side is <prohibited|not allowed> <save|except> with the
  agreement of the other, such agreement not to be <delayed|unreasonably refused>.
- {a} shall give {b} {days} notice of any proposed <transfer|assignment>, and {b} may refuse it
  <for any reason|in its sole discretion>.
- Because the {thing} call for <personal services|special expertise>, {a}'s obligations cannot
  be assigned.
- If {a} assigns {agr} without authority, {b} may <treat the assignment as void|terminate at
  once>.
- The contract, or any payment due under it, shall not be assigned <to a creditor|as security>
  by {a} without {b} first consenting <in writing|through an authorized officer>.
- {agr} inures to the benefit of successors, provided that {a} may not <convey|transfer> its
  rights other than <with its whole business|as {b} approves>.
- A <party|Party> wishing to assign must obtain the <written|formal> consent of the
  non-assigning party, which may be <withheld|conditioned> <in its discretion|on reasonable
  grounds>.
- {a} may not, by <contract|deed>, change of control or operation of law, cause {agr} to pass to
  a competitor of {b} without {b}'s <consent|say>.
- Either party can assign to an <Affiliate|entity under common control>; every other assignment
  needs <mutual consent|the other party's prior written consent>.
- The <Purchase Order|Lease|Statement of Work> is not assignable<| by {a}>, nor may money due
  under it be assigned, unless <approved by {b}|so agreed>.
- {a}'s interest shall not be <levied upon|attached> or transferred, and no assignee or
  <trustee|receiver> takes any right without {b}'s approval.
- Stockholder shall not <sell, assign or dispose of|transfer> any of its rights under {agr} to
  any Person during the <Term|restricted period>.
""",
    "Audit Rights": """
- {a} shall <keep|maintain> <complete and accurate|true and correct|full> books and records
  <relating to|of> {thing}, and {b} may <inspect|audit|examine> them <during normal business
  hours|on {days} notice>.
- {b} <shall have|has> the right, <at its own expense|not more than once per year>, to have an
  independent <certified public accountant|auditor> <inspect|examine> the records of {a} to
  verify <amounts payable|royalty reports|compliance> under {agr}.
- Upon <reasonable notice|at least {days} prior written notice>, {a} will permit {b} or its
  <representatives|agents> to <enter|visit and inspect> the premises where the {thing} are
  <stored|made|used>.
- If <an|any such> audit <reveals|discloses> an underpayment of more than {pct}, {a} shall
  <bear|reimburse> the <reasonable cost|full expense> of the audit and pay the shortfall within
  {days}.
- {a} shall retain its records for <at least |>{years} after the <year|period> to which they
  relate and make them available for <inspection|examination and copying> by {b}.
- The <examination|review> of {a}'s accounts shall be <conducted|carried out> by a firm of
  accountants <reasonably acceptable to|chosen by> {b}, which must sign a confidentiality
  undertaking.
- {b} may, by <its employees|a third party>, audit {a}'s <use of|deployment of> the {thing} to
  <confirm|verify> that it stays within the <scope|limits> granted.
- {a} grants {b} access to its <facilities|plants|data centers>, personnel and documentation so
  that {b} can <check|assess> compliance with <quality standards|{sec}>.
- Not more than <once|twice> in any <calendar year|twelve month period>, {b} may <cause an audit
  to be made of|send its accountant to examine> the applicable <books|ledgers> of {a}.
- All <statements|invoices> rendered by {a} are subject to audit by {b} for a period of {years}
  <after receipt|following the date thereof>.
- {a} agrees to allow <regulators and |>{b} to inspect <on site|at {a}'s offices> the
  procedures, <systems|controls> and records used in performing {agr}.
- Should the inspection show that {a} <overcharged|under-reported>, the difference shall be
  <paid|refunded> with interest within {days} of the auditor's report.
- The auditor shall disclose to {b} only <whether the reports are correct|the amount of any
  discrepancy> and no other information of {a}.
- {b} will have reasonable access to <records|work papers|data> of {a} <for the purpose of|with
  a view to> confirming the calculation of <fees|royalties|Net Sales>.
- {b}'s right to <review|audit> continues for {years} following <expiration|termination> of
  {agr}.
- {a} must, whenever {b} asks, <produce|make available> its <sales ledgers|tax returns|cash
  register tapes>, and {b} may copy them.
- No audit under {sec} may <cover|go back> more than {years}, and no period may be audited
  <twice|more than once>.
- {b} shall be entitled to <conduct|perform> <quality|safety|security> audits of the
  manufacturing site, and {a} shall <correct|remedy> deficiencies found within {days}.
- The <cost|expense> of any audit is borne by {b} unless it uncovers an error <greater
  than|exceeding> {pct} in {b}'s <disfavor|detriment>, in which case {a} pays.
- {a} shall cause its <Affiliates|sublicensees> to keep records <sufficient|in enough detail> to
  enable {b} to verify payments, and to open those records to {b}'s accountants.
- Any audit shall be <scheduled|conducted> so as not to <unreasonably interfere|interfere> with
  {a}'s <business|operations>, on no less than {days} notice.
- Representatives of {b} may <at all reasonable times|from time to time> observe
  <production|testing> of the {thing} at {a}'s <plant|warehouse> and take samples.
- We have the right at any time during business hours, <with or without prior notice|after
  notifying you>, to examine and copy your books, <computer files|bank statements> and tax
  returns.
- {b} can request a <certified statement|written certification> of {a}'s usage and, if
  unsatisfied, verify it <by inspection of|with tools run on> {a}'s systems.
- The records <referred to|described> in {sec} are open to {b} and its accountants <for
  inspection|for verification> at {a}'s principal place of business.
- If {b} disputes a royalty statement, it may appoint an <auditor|expert> to go through {a}'s
  <accounts|supporting documents>; {a} will cooperate fully.
- {a} will provide <such assistance|copies> as the auditors <reasonably require|ask for>,
  including access to staff familiar with the <records|accounts>.
- Each party may <inspect|audit>, through a nationally recognized accounting firm, the other's
  records that <concern|support> <shared costs|profit calculations>.
- {b} may monitor and inspect {a}'s <performance|operations> and take copies of <logs|records>,
  provided <confidential data of other customers is redacted|it gives {days} notice>.
- The Joint Steering Committee may direct that {a}'s <development costs|expenses> be audited by
  {b}'s internal audit department.
- Failure of {b} to audit does not waive its right <later to do so|to inspect at a later date>,
  and <acceptance of payment|silence> is not approval of any statement.
- {a} shall give {b}, its external auditors and any <supervisory authority|regulator> an
  effective right of access to <data|business premises> connected with the outsourced {thing}.
""",
    "Cap On Liability": """
- <In no event shall|Under no circumstances will> {a}'s <total|aggregate|maximum> liability
  <under|arising out of> {agr} exceed <{money}|the <fees|amounts> paid by {b} in the preceding
  <six|twelve> months>.
- Neither party <shall|will> be liable <to the other |>for any <indirect, incidental|special,
  consequential> or punitive damages<|, including lost profits>, even if advised of the
  possibility <of them|thereof>.
- IN NO EVENT SHALL {A} BE LIABLE FOR ANY CONSEQUENTIAL, INCIDENTAL OR SPECIAL DAMAGES, <HOWEVER
  CAUSED|WHETHER IN CONTRACT OR TORT>.
- The liability of {a} for <any|all> claims <of any kind|whatsoever> is limited to <{money}|the
  purchase price of the {thing} giving rise to the claim>.
- {a} shall have no liability for loss of <profits|revenue|data|goodwill>, <business
  interruption|cost of substitute goods> or similar losses.
- EXCEPT FOR <BREACH OF CONFIDENTIALITY|INDEMNITY OBLIGATIONS>, EACH PARTY'S LIABILITY SHALL NOT
  EXCEED {MONEY}.
- The remedies <stated|set forth> in {sec} are {b}'s sole and exclusive remedies for
  <breach|defects in the {thing}>.
- {b}'s <only|exclusive> recourse shall be <repair or replacement|refund of the price paid>, and
  {a} has no further liability.
- The parties' cumulative liability is capped at <two|three> times the annual <fees|charges>,
  <save for|except in case of> <wilful misconduct|fraud or death>.
- Damages, if any, recoverable by {b} <shall be limited to|may not go beyond> direct damages
  <proven|actually incurred> and shall not exceed {money}.
- No action, regardless of form, may be brought by either party more than {years} after the
  cause of action <arose|accrued>.
- The limitations <above|in {sec}> shall not apply to <gross negligence|bodily
  injury|infringement claims>.
- {a} will not be <responsible|answerable> to {b} for lost savings or any <exemplary|multiple>
  damages, regardless of the <theory|legal basis> asserted.
- Notwithstanding any other provision, the <combined|overall> liability of {a} and its
  <suppliers|affiliates|directors> shall be no more than {money}.
- {a} assumes no liability beyond <{pct} of the contract price|the insurance proceeds actually
  received>.
- Each party waives any right to <recover|claim> punitive, exemplary or consequential loss from
  the other.
- The foregoing states the entire liability of {a} <with respect to|regarding> <infringement|the
  {thing}>.
- Liability for <delay|late delivery> is limited to liquidated damages of {pct} per week up to a
  maximum of {pct} of the value of the <delayed goods|order>.
- Any recovery by {b} shall be reduced by <credits|sums> already paid, and in total may not
  <surpass|be greater than> {money}.
- {a}'s directors, officers and <stockholders|trustees> shall have no personal liability
  <hereunder|for the obligations of {a}>.
- The parties agree that this allocation of risk is reflected in the price, and that {a}'s
  exposure is therefore <limited|confined> to <{money}|amounts received by it>.
- {a} accepts liability for <physical damage to property|direct loss> caused by its negligence
  up to {money} in respect of any one <event|incident>.
- NEITHER PARTY WILL BE LIABLE FOR LOST PROFITS OR LOSS OF BUSINESS<|, EVEN IF THE REMEDY FAILS
  OF ITS ESSENTIAL PURPOSE>.
- Except with respect to <{sec}|third party claims>, under no theory of law shall a party owe
  the other an amount <above|in excess of> the sums payable during the <contract year|{years}>
  in which the claim arose.
- Seller shall not in any case be liable for <special|contingent> losses of Buyer or its
  customers, nor for an amount greater than the <invoice|order> value.
- The <liability cap|aggregate limit> shall be {money} for <each Contract Year|all claims>, and
  unused amounts do not carry over.
- Losses recoverable shall exclude <diminution in value|loss of anticipated revenue|moral
  damages>.
- {b} agrees to look only to the <assets|fees> of {a}, and not to its <members|managers>, for
  satisfaction of <claims|any judgment>.
- To the <maximum|fullest> extent permitted by law, {a} disclaims all liability <for damages|in
  tort> exceeding <the amount paid for the {thing}|{money}>.
- If for any reason an exclusion is held invalid, the liability of {a} shall be limited to
  {money}.
- {a} shall not be held liable for more than the <commission|royalties> it earned <under
  {agr}|in the year before the claim>.
- The basket and the maximum recovery for breaches of representations are {money} and {pct} of
  the Purchase Price, respectively.
""",
    "Confidentiality": """
- {a} shall <hold|keep> in <strict|> confidence all <Confidential Information|proprietary
  information> of {b} and shall not disclose it to any third party<| without consent>.
- "Confidential Information" means <non-public|business, technical or financial> information
  disclosed by one party to the other, <whether or not marked|in any form>.
- The receiving party shall use the <same|at least the same> degree of care to protect the
  information as it uses for its own secrets, <but no less than reasonable care|and not less>.
- The obligations of secrecy shall not apply to information that <is or becomes public|was
  already known|is independently developed>.
- Upon <request|termination>, {a} shall return or destroy all <copies|documents> containing the
  secret information of {b}<| within {days}>.
- {a} may disclose confidential material to its employees on a need-to-know basis only, provided
  they are <bound|covered> by like duties.
- The terms of {agr} are confidential and neither party may <reveal|publish> them except as
  <required by law|the other agrees>.
- If {a} is compelled by <subpoena|court order> to disclose, it shall give {b} prompt notice so
  that a protective order may be sought.
- The duty of non-disclosure survives for {years} after <termination|expiry> of {agr}.
- {a} shall not use trade secrets of {b} for any purpose other than <performing|evaluating>
  {agr}.
- Neither party shall issue a press release disclosing the <existence|content> of {agr} without
  the other's approval.
- All <data|drawings|formulas> furnished by {b} are to be treated by {a} as confidential and
  <kept in locked storage|marked accordingly>.
- {a} acknowledges that unauthorized disclosure would cause irreparable harm to {b}.
- RECIPIENT SHALL NOT DISCLOSE THE INFORMATION TO ANYONE OUTSIDE ITS ORGANIZATION.
- Information exchanged under {agr} remains secret for {years} from the date of each disclosure.
- {a} will impose the same confidentiality undertakings on its <consultants|subcontractors>
  before <handing over|sharing> any information.
- Patient and customer data received from {b} shall be kept private and <encrypted|protected
  from unauthorized access>.
- The parties shall not divulge to others anything learned of each other's
  <plans|pricing|customers> in the course of the <project|negotiations>.
- You must keep the contents of the <Manuals|operations guide> secret, both during and after the
  term.
- Disclosing Party retains ownership of its confidential materials, and no disclosure shall
  <waive|diminish> their protection.
- {a} shall notify {b} at once on discovering any <leak|unauthorized use> of confidential
  information.
- Residual knowledge kept in unaided memory is <not|excluded from what is> treated as
  confidential information.
- Each party undertakes to maintain the secrecy of <know-how|samples|results> received from the
  other.
- The <earlier non-disclosure agreement|NDA dated {date}> between the parties remains in effect
  and covers disclosures made hereunder.
- Any information marked "proprietary" shall be safeguarded by {a} and not be <copied|reverse
  engineered> or shown to others.
- Advisers, banks and <prospective purchasers|insurers> may be told of {agr} under equivalent
  terms of confidence.
- Oral disclosures are protected if <confirmed|summarized> in writing as confidential within
  {days}.
- The Executive shall never, <during employment or after|without consent>, reveal any trade
  secret or customer list of {b}.
- {a} agrees that all negotiations have been and will be kept confidential as between the
  parties.
- Personnel with access to {b}'s secret processes shall sign secrecy agreements in a form
  <approved|supplied> by {b}.
""",
    "Dispute Resolution": """
- Any <dispute|controversy|claim> arising out of {agr} shall be <finally |>settled by <binding
  |>arbitration in {city} under the rules of the <American Arbitration Association|ICC|London
  Court of International Arbitration>.
- The parties shall first attempt to resolve <the matter|any dispute> through good faith
  negotiation between senior executives for {days}.
- If negotiation fails, the dispute shall be submitted to mediation before <a mutually agreed|a
  neutral> mediator in {city}.
- The award of the arbitrators shall be final and may be entered in any court having
  jurisdiction.
- The tribunal shall consist of <three arbitrators|a sole arbitrator>, <one named by each party
  and the third by those two|appointed by the institution>.
- Each party waives its right to a jury trial in any action <concerning|arising from> {agr}.
- The courts of {city} shall have exclusive jurisdiction to hear any suit between the parties.
- {a} and {b} submit to the jurisdiction of the <federal|state> courts sitting in {city} and
  waive any objection to venue.
- EACH PARTY KNOWINGLY WAIVES TRIAL BY JURY.
- Disagreements of a technical nature shall be referred to an <independent expert|engineer>,
  whose decision binds the parties.
- The losing party shall pay the costs of the arbitration, including the arbitrators' fees.
- Arbitration shall be conducted in <English|French|German>, and the arbitrators may not award
  punitive relief.
- Nothing in {sec} prevents a party from seeking an injunction from a court pending the
  arbitration.
- No suit may be started until the escalation steps in {sec} have been followed for {days}.
- A written demand for arbitration must be served within {days} after the parties'
  representatives fail to agree.
- Disputes shall be heard by the arbitration commission in {city} according to its rules then in
  force.
- Should the steering committee be deadlocked, the issue goes to the chief executives, and after
  {days} to arbitration.
- All claims must be brought individually; class actions and consolidated arbitrations are not
  permitted.
- The arbitrator shall be a <retired judge|lawyer> with at least {count} years of experience in
  <commercial|technology> matters.
- Process may be served by registered mail on either party's agent at {city}.
- Discovery in the arbitration is limited to {count} depositions and exchange of relevant
  documents.
- Complaints about billing shall be raised in writing within {days} and discussed by the project
  managers before any legal step.
- The parties consent to personal jurisdiction in {place} for the resolution of quarrels about
  {agr}.
- If mediation does not end the conflict within {days}, either party may go to court in {city}.
- During the pendency of any dispute both parties shall continue to perform.
- Judgment on the award may be enforced wherever the debtor has assets.
- Any lawsuit relating hereto shall be filed only in {city}, and each party agrees that forum is
  convenient.
- The seat of the arbitration is {city}; emergency arbitrator provisions shall not apply.
- An arbitration panel selected from the industry list shall decide the difference within {days}
  of hearing.
- Executives of {a} and {b} will meet to settle complaints amicably before proceeding to formal
  arbitration.
""",
    "Force Majeure": """
- Neither party shall be <liable|responsible> for <delay|failure to perform> caused by <acts of
  God|fire, flood|war, strikes> or other events beyond its reasonable control.
- If <an event of force majeure|such an event> continues for more than {days}, either party may
  <terminate|cancel> {agr}.
- A party affected by force majeure shall promptly notify the other and use
  <reasonable|diligent> efforts to resume performance.
- The time for performance shall be extended by the <period|duration> of the force majeure.
- "Force Majeure" means any <cause|circumstance> not reasonably foreseeable, including
  <earthquake|epidemic|embargo|terrorism>.
- Performance is excused to the extent prevented by government action, <riot|sabotage>, shortage
  of <fuel|raw materials> or the like.
- Lack of funds shall not <constitute|count as> force majeure.
- {a} is not in default where delivery is held up by labor disputes, storms or breakdown of
  <transport|machinery>.
- During force majeure {b} may buy from other sources without breach.
- NEITHER PARTY IS RESPONSIBLE FOR EVENTS OUTSIDE ITS CONTROL, INCLUDING NATURAL DISASTERS AND
  POWER FAILURES.
- Obligations, other than to pay money, shall be suspended while a force majeure event lasts.
- Should a hurricane, pandemic or act of the public enemy prevent the <event|performance>,
  neither side shall owe damages.
- The party invoking force majeure bears the burden of proving it, and must furnish a
  certificate from the <chamber of commerce|local authority> within {days}.
- No failure due to interruption of telecommunications or <utilities|internet service> shall be
  deemed a breach.
- Where supply is reduced by causes beyond control, {a} shall allocate available {thing} fairly
  among its customers.
- Upon cessation of the hindering event, work shall be taken up again <without delay|within
  {days}>.
- If the Premises are destroyed by casualty or act of God, the parties are released from further
  performance.
- Strikes of {a}'s own workforce shall not be regarded as force majeure.
- Delays attributable to <customs|quarantine|export license refusal> entitle {a} to a
  corresponding extension.
- The occurrence of war or civil commotion in {place} suspends the duties of both parties until
  peace is restored.
- Anything in {agr} notwithstanding, nonperformance is excused when made impracticable by
  unforeseeable circumstances.
- Either party, if hindered by force majeure beyond {days}, shall consult with the other on how
  to adapt {agr}.
- Failure to perform on account of acts of civil or military authority is no breach, provided
  notice is given within {days}.
- The dates in Schedule 1 shall slip day for day with any force majeure delay.
- A party is relieved of its obligations as long as explosion, lightning or other catastrophe
  keeps it from fulfilling them.
- Changes in market conditions do not amount to force majeure under {sec}.
- {a} shall maintain a disaster plan and may rely on force majeure only if it has followed that
  plan.
- Minimum purchase quantities shall be reduced pro rata for the time a force majeure event
  persists.
- The Artist's failure to appear by reason of illness, accident or failure of transportation
  shall be excused.
- Notice of the event, its cause and expected length shall be sent within {days}, failing which
  relief for force majeure is lost.
""",
    "Governing Law": """
- {agr} shall be governed by<| and construed in accordance with|, and interpreted under,> the
  laws of {place}<|, without <regard|reference|giving effect> to <its|any> <conflict of
  laws|choice of law> <principles|rules|provisions>>.
- The laws of {place} <govern|shall govern|will control> {agr} and all <claims|disputes|matters>
  arising out of it.
- {agr} is made under, and its validity and performance are to be judged by, the
  <internal|substantive|domestic> law of {place}.
- All questions <concerning|as to> the construction, validity and interpretation of {agr} will
  be <decided|resolved|determined> according to the laws of {place}.
- Any <dispute|controversy|claim> relating to {agr} shall be decided under the law of {place},
  <whichever party brings it|regardless of where the parties reside>.
- The parties <agree|have agreed|acknowledge> that the law of {place} <applies to|governs> {agr}
  in every respect, <except to the extent pre-empted by federal law|save where mandatory law
  requires otherwise>.
- {agr} shall be deemed <made|executed and delivered> in {city} and is subject to the laws in
  force in {place}.
- For purposes of <interpretation|enforcement>, {agr} is a contract <entered into|made> under
  the laws of {place} and <shall|must> be construed accordingly.
- The United Nations Convention on Contracts for the International Sale of Goods does not apply
  to {agr}, which is governed <solely|exclusively> by the laws of {place}.
- THIS AGREEMENT SHALL BE GOVERNED BY THE LAWS OF {PLACE}<|, EXCLUDING ITS CONFLICT OF LAWS
  RULES>.
- Governing law: {place}.
- The rights and <obligations|duties|liabilities> of {a} and {b} hereunder shall be
  <determined|ascertained> in accordance with the law of {place} as applied to contracts
  <made|concluded> and wholly performed there.
- {a} and {b} irrevocably choose the laws of {place} to govern {agr}, including <its
  formation|non-contractual obligations connected with it>.
- It is the <intention|intent> of the parties that {agr} be <read|construed> and enforced under
  the statutes and decisions of {place}.
- {agr} <is to be|shall be> interpreted pursuant to the law of {place} and, where applicable,
  the <federal laws of the United States|Bankruptcy Code|United States patent laws>.
- The <validity|legality>, effect and enforceability of {agr} are governed by the laws of
  {place}, notwithstanding that either party may be <organized|domiciled> elsewhere.
- The applicable law is that of {place}<|; the conflict rules thereof are excluded>.
- Except as to matters of <patent|trademark> law, {agr} shall be construed under the laws of the
  jurisdiction of {place}.
- {agr} together with any <dispute|non-contractual obligation> arising from it is governed by
  and takes effect under the law of {place}.
- This instrument is executed with reference to, and <shall be governed by|is controlled by>,
  the laws of {place} applicable to agreements <between its residents|to be performed within its
  borders>.
- The substantive laws of {place} (without its choice-of-law rules) shall apply to <the
  interpretation of|all rights under> {agr}.
- In <construing|giving effect to> {agr} the courts shall apply the laws of {place}.
- All matters arising <under|hereunder or in connection with> {agr}, whether in contract or
  tort, <are governed by|shall follow> the laws of {place}.
- {b} agrees that, wherever it is located, {agr} will be treated as having been made in {place}
  and governed by its laws.
- Each Statement of Work is likewise governed by the laws of {place}, <without reference to
  principles of conflict of laws|as is {agr} itself>.
- {agr} shall in all respects be a contract under the law of {place}.
- The laws of {place} shall be applied in <interpreting|enforcing> {agr}<| and each party
  submits to the jurisdiction of the courts located in {city}>.
- Choice of Law. The parties select the law of {place}<, and disclaim the laws of any other
  jurisdiction|> for <the construction of {agr}|any action hereunder>.
- The relationship of the parties under {agr} shall be regulated by the laws for the time being
  of {place}.
- Regardless of the place of signing or performance, {agr} is subject to the law of {place}<|;
  jurisdiction and venue lie in {city}>.
- This Addendum <is|shall be> governed by the same law as {agr}, namely the laws of {place}.
- The interpretation, performance and termination of {agr}, and settlement of any dispute under
  it, are governed by the laws <in effect|promulgated> in {place}.
""",
    "IP Ownership": """
- All <right, title and interest|intellectual property rights> in <the Work Product|the
  deliverables|inventions made under {agr}> shall <belong to|vest in|be the sole property of>
  {b}.
- {a} hereby <assigns|transfers and conveys> to {b} all <inventions|copyrights|works> created in
  the course of the {thing}.
- All work shall be deemed "work made for hire" owned by {b} <upon creation|from inception>.
- {a} acknowledges that {b} is the owner of the <Marks|trademarks> and that all goodwill from
  their use inures to {b}.
- Inventions made jointly shall be owned jointly<, in equal shares|>, without duty to account.
- Each party retains ownership of its <pre-existing|background> intellectual property.
- {a} shall <execute|sign> any documents needed to <perfect|record> {b}'s title to the patents.
- Title to the Software and all <improvements|modifications> remains with {a}; nothing herein
  transfers ownership.
- The results of the research shall be the property of {b}, <who may file patents in its own
  name|and {a} claims no share in them>.
- {a} shall not challenge {b}'s ownership of the <Marks|patents> or seek to register any similar
  sign.
- Ownership of molds, tooling and drawings paid for by {b} shall <rest|lie> with {b}.
- Improvements made by {b} belong to {b}, and those made by {a} belong to {a}.
- The domain name {domain} and associated rights are and will stay the property of {b}.
- Any feedback given by {b} becomes {a}'s property without compensation.
- {a} irrevocably assigns the entire copyright in the manuscript to {b}, and waives moral
  rights.
- Employee agrees that all discoveries conceived during employment are owned by the Company and
  shall be disclosed promptly.
- Data generated in the <trial|study> shall be owned exclusively by {b}.
- As between the parties, {a} owns the <platform|technology> and {b} owns the <content|customer
  data>.
- Should ownership not vest automatically, {a} agrees to assign the rights to {b} and appoints
  {b} its attorney for that purpose.
- ALL INTELLECTUAL PROPERTY DEVELOPED HEREUNDER IS THE PROPERTY OF {B}.
- {b} shall be registered as proprietor of all patents arising from the <project|collaboration>.
- Nothing in {agr} gives {a} any ownership of {b}'s names, logos or designs.
- The parties shall hold the jointly developed technology as co-owners, each free to exploit its
  share.
- Customer lists compiled by {a} in relation to the {thing} are {b}'s property.
- {a} shall procure that its subcontractors assign to {b} their rights in the deliverables.
- Copyright in all reports prepared by the Consultant passes to {b} on <payment|delivery>.
- Derivative works of the {thing}, by whomever made, shall be owned by {a}.
- Intellectual property existing before {date} is not affected and continues to be held by the
  party that owned it.
- All artwork, characters and story elements created by {a} for the series become the exclusive
  property of {b} throughout the universe.
- {a} sells and assigns to {b} the patents listed in Schedule <1|A>, including the right to sue
  for past infringement.
""",
    "Indemnification": """
- {a} shall indemnify, defend and hold harmless {b} <and its officers|and its Affiliates|> from
  and against <any and all|all> <claims|losses|liabilities> arising out of <{a}'s
  negligence|breach of {agr}|use of the {thing}>.
- {b} shall <promptly|within {days}> notify {a} of any claim for which indemnity is sought and
  <allow|permit> {a} to control the defense.
- Each party agrees to indemnify the other against third party <suits|demands> caused by its
  <acts or omissions|wilful misconduct>.
- {a} will, at its expense, defend any action <alleging|claiming> that the {thing} infringe a
  <patent|copyright>, and pay all damages awarded.
- The indemnifying party may not settle a claim <imposing obligations on|admitting fault of> the
  indemnitee without its consent.
- {a} agrees to make good to {b} all costs, including <reasonable |>attorneys' fees, that {b}
  incurs by reason of a breach of {a}'s <warranties|representations>.
- SELLER SHALL INDEMNIFY BUYER AGAINST ALL CLAIMS OF INJURY OR DAMAGE CONNECTED WITH THE GOODS.
- {a} shall save harmless {b} from taxes, <fines|penalties> and assessments resulting from {a}'s
  <operations|business>.
- The right to indemnification <survives|continues after> termination of {agr} for {years}.
- If the indemnitor fails to take up the defense, the indemnified party may do so at the
  indemnitor's <cost|risk>.
- {b} is to be reimbursed by {a} for any judgment, settlement or expense it bears in a <product
  liability|personal injury> case concerning the {thing}.
- You agree to indemnify us and our <affiliates|agents> for all claims arising from the
  operation of your <Store|business>.
- The obligation to indemnify shall not extend to losses caused by the <negligence|fault> of the
  party seeking it.
- The Company shall, to the fullest extent lawful, indemnify each <director|officer> who is made
  party to a proceeding and advance expenses.
- {a} holds {b} free and harmless from all <liens|claims> of subcontractors and workmen.
- Indemnified parties shall cooperate in the defense and may join it with counsel of their own
  <choice|choosing>.
- {a} undertakes to protect and indemnify {b} in respect of <environmental|employment> claims
  relating to the period before <Closing|the Effective Date>.
- Any loss suffered by {b} because a representation of {a} proves untrue shall be compensated by
  {a} on <demand|written request>.
- Contractor will hold Owner harmless against any suit brought by <Contractor's
  employees|neighbors> on account of the work.
- Where both are at fault, indemnity is owed in proportion to each party's <degree of
  fault|responsibility>.
- {a} shall answer for and keep {b} indemnified from claims that content <supplied|posted> by
  {a} is <libelous|unlawful>.
- Claims for indemnity must be made in writing, <stating the facts|with reasonable detail>, and
  will be paid within {days} once determined.
- No indemnity payment shall be due until losses reach {money}, whereupon the indemnitor pays
  <the whole|the excess>.
- {a} will reimburse, defend and indemnify {b} for recalls <due to|occasioned by> defects in the
  {thing}.
- The <Depositor|Servicer> shall indemnify the <Trustee|Agent> and hold it harmless for actions
  taken in good faith under {agr}.
- The indemnity in {sec} is the full measure of protection owed by {a} for
  <third-party|infringement> claims brought against {b}.
- Should {b} be sued on account of {a}'s products, {a} shall step in and bear the outcome.
- Mutual indemnity: each side covers the other's losses from injuries to <its own|that side's>
  personnel.
- {b}, its successors and customers shall be held harmless by {a} from every liability growing
  out of {a}'s performance.
- The indemnitee shall tender the defense <without delay|within {days}>; late notice excuses the
  indemnitor only if <prejudiced|it is harmed>.
""",
    "Insurance": """
- {a} shall <obtain|procure> and maintain, at its <sole|own> expense, <commercial
  general|comprehensive general> liability insurance with limits of not less than {money} per
  occurrence<| and {money} in the aggregate>.
- {a} agrees to name {b} as an additional insured on <all such|each of the above> policies and
  to <furnish|deliver> a certificate of insurance <on request|within {days}>.
- Each policy <shall|must> provide that it may not be <cancelled|materially changed> without <at
  least |>{days} prior written notice to {b}.
- {a} will carry workers' compensation insurance as required by <law|the statutes of {place}>
  and employer's liability coverage of {money}.
- The insurance <required|described> <herein|in {sec}> shall be written by carriers rated <A-|A
  VII|B+> or better by A.M. Best.
- During the Term and for {years} thereafter, {a} must keep product liability
  <insurance|coverage> in force in the amount of <at least |>{money}.
- {a}'s insurance shall be primary and <non-contributory|not excess> as to any insurance carried
  by {b}.
- {a} shall maintain <professional|errors and omissions> liability insurance covering the
  {thing} with a limit of {money} per claim.
- Upon <execution of {agr}|{b}'s request>, {a} shall supply evidence of the coverage called for
  above.
- Both parties shall <maintain|keep in effect> insurance <adequate|customary in the industry> to
  cover their <respective|> obligations under {agr}.
- If {a} fails to <keep|renew> the required insurance, {b} may <buy|purchase> it and charge the
  premium to {a}.
- Risk of loss shall be covered by <all-risk|fire and extended coverage> property insurance for
  the full replacement value of the <Equipment|Premises|inventory>.
- The policies shall contain a waiver of subrogation in favor of {b} and its
  <officers|affiliates>.
- {a} may satisfy these coverage requirements through <a program of self-insurance|umbrella
  policies>, provided <its net worth exceeds {money}|{b} consents>.
- Such insurance shall include <blanket contractual|broad form> liability, <bodily
  injury|personal injury> and property damage, with a deductible no greater than {money}.
- Automobile liability insurance covering owned, hired and non-owned vehicles shall be carried
  in the sum of {money} combined single limit.
- {a} represents that it is <insured|covered> under a clinical trial policy with limits
  <of|equal to> {money} for each <event|subject>.
- You must buy, before opening for business, the <kinds|types> and amounts of insurance we
  <specify|prescribe>, with us listed as additional insureds.
- Certificates evidencing the above coverages shall be sent to {b} <annually|not less than
  {days} before the policies expire>.
- {a} shall carry <cyber|network security and privacy> insurance of not less than {money} to
  respond to <data breaches|security incidents>.
- The amount of such insurance shall not be construed to limit <or define |>{a}'s liability.
- {b} shall be loss payee under the <hull|cargo|property> policy and any proceeds up to {money}
  are to be <paid|remitted> to it.
- {a} shall insure the {thing} while in its <custody|possession> against theft, fire and
  <damage|loss in transit>.
- Tail coverage for not less than {years} shall be bought if any policy is on a claims-made
  <basis|form>.
- The limits stated in {sec} may be adjusted every {years} to <reflect inflation|meet prevailing
  commercial practice>.
- {a} has in full force, with <reputable|financially sound> insurers, policies against such
  risks and in such amounts as <are usual for its business|a prudent operator would carry>.
- Key man life insurance on <the principal|Mr. {surname}> in the face amount of {money} shall be
  taken out <with {b} as beneficiary|by {a}>.
- A copy of the endorsement adding {b} as <co-insured|an additional insured> will be forwarded
  within {days} <of signing|after the Effective Date>.
- {a} shall cause its subcontractors to <carry|hold> insurance of the same type and limits <as
  set out above|or cover them under its own policies>.
- The parties shall effect and keep up <third party liability|construction all risks> cover with
  an <insurer|underwriter> approved by {b}, for at least {money}.
- No work shall <begin|commence> on site until satisfactory proof of <insurance|coverage> has
  been lodged with {b}.
- All deductibles and premiums under the <foregoing|required> policies are for the account of
  {a}.
""",
    "License Grant": """
- {a} <hereby |>grants <to |>{b} a <non-exclusive|nonexclusive|limited>,
  <non-transferable|royalty-free|revocable> <license|right and license> to <use|use and
  display|reproduce and distribute> the {thing}<| solely in the Territory>.
- Subject to <{sec}|payment of the fees>, {b} is <granted|given> a <perpetual|fully paid-up>,
  <worldwide|irrevocable> license under the <Licensed Patents|Know-How> to make, have made, use
  and sell the {thing}.
- {b} accepts from {a} the <sole|exclusive> right to <exploit|commercialize|manufacture> the
  {thing} <within the Field|for the Term>.
- {a} licenses the <trademarks|logos|trade names> listed in Exhibit <A|B|C> to {b} for use <on
  packaging|in advertising|on its web site>.
- {b} may grant sublicenses <under the foregoing license|of these rights> <to its
  Affiliates|through multiple tiers>.
- The license <includes|extends to> the right to <modify|translate|create derivative works of>
  the {thing} <for internal purposes|in object code form>.
- {a} retains title, but {b} shall have a <personal|site> license to <install|run> the Software
  on <one server|up to {count} computers>.
- We grant you the right to <operate|open> one <Store|Restaurant|Center> under the
  <Marks|System> at the <Approved Location|premises>.
- During the Term {b} shall be entitled to <hyperlink to|frame|cache> the {a} <site|content> and
  to <publicly perform|display> it on the {b} service.
- {a} hereby gives {b} permission to <copy|record|broadcast> the <Programs|Works|performances>
  in any <medium|format>, <now known or later devised|including digital downloads>.
- Effective on the Closing Date, {b} shall receive a <co-exclusive|semi-exclusive> license, with
  right of sublicense, under all <Improvements|Joint Patents>.
- All rights not expressly <granted|licensed> to {b} <are reserved|remain with {a}>; the license
  granted covers <only the Field|the {thing} and nothing else>.
- {a} appoints {b} as a licensee of the {thing} with the right to <market|sell and distribute>
  them to <end users|Customers> in the Territory.
- The grant in {sec} permits {b} to <practice|use> the <Process|Technology> <for research
  purposes|to develop Products>, and no other license is implied.
- {b} shall have a right of access to and license of the Source Code <upon a release event|for
  maintenance>, to be used <solely to support|only in connection with> the {thing}.
- {a} agrees to license, and does license, to {b} all <copyrights|database rights> needed to
  <perform|enjoy> the {thing}.
- The <Company|Group> is hereby authorized to use the name "{Name}" as part of its corporate
  name on a <non-exclusive|royalty-free> basis.
- Under its intellectual property rights, {a} confers on {b} an <option|immediate right> to <use
  and sublicense|use> the <Compound|Data|Content> for <development|promotion>.
- {b}'s right to use the {thing} is <non-assignable|limited to its own business> and
  <terminates|lapses> with {agr}; subject to that, the license is worldwide.
- {a} shall permit {b} to <reproduce|print> the artwork on <merchandise|apparel> sold <through
  retail channels|at live events>.
- A <nontransferable|non-sublicensable> license to access the <Platform|hosted service> via the
  <API|web> is granted for up to {count} users.
- Each party grants the other a <reciprocal|cross>-license to its <marks|logos> for the purposes
  of <co-marketing|the promotions described in Exhibit B>.
- {b} may use <and distribute |>the Documentation and up to {count} copies of the {thing}, under
  license from {a}.
- In consideration of the <royalties|license fee of {money}>, {a} grants the <exclusive|sole and
  exclusive> license to <produce|import> and sell the {thing} in {place}.
- {b} is hereby licensed to <embed|bundle|incorporate> the {thing} in its own <devices|products>
  and to sublicense them to <OEMs|end users>.
- {a} further grants {b} the right to use its <likeness|name and image> in
  <advertisements|endorsements> for the {thing} during the <Contract Period|Term>.
- The license hereby conferred shall be <exclusive even as to {a}|non-exclusive> for {years},
  and <thereafter non-exclusive|renewable>.
- {a} on behalf of itself and its <Affiliates|licensors> hereby extends to {b} a license of the
  Seller Retained IP for the operation of the <Business|plant>.
- Licensee shall be free to use the {thing} <in any manner consistent with|as provided in>
  {agr}, such license being <royalty-bearing|free of charge>.
- {b} shall have the non-exclusive right to <exhibit|transmit> each <title|program> on a
  video-on-demand basis during its License Period.
- Permission is granted to {b} to use the <Licensed Mark|seal> in the form shown in Schedule
  <1|2|3>, <following|in line with> {a}'s style guide.
- {a} shall make available and licenses to {b} the tools<, libraries|> and documentation in
  order to <integrate|test> the {thing}.
""",
    "Non-Compete": """
- During the Term<| and for {years} thereafter>, {a} shall not, directly or indirectly, <engage
  in|own|manage|operate> any business <that competes|in competition> with {b}<| in the
  Territory>.
- {a} <agrees|covenants> not to <develop|manufacture|market|sell> any product <similar
  to|competitive with> the {thing}.
- For a period of {years} after <the Closing|termination>, neither {a} nor its Affiliates will
  <carry on|participate in> the business of {biz} within {count} miles of <{city}|the Premises>.
- {a} will refrain from <acting as agent for|representing> any manufacturer of
  <competing|competitive> goods.
- {a} shall not <invest in|finance|lend its name to> a Competing Business, except for holdings
  of less than {pct} of a <listed|publicly traded> company.
- {b} shall not, while {agr} is in effect, offer <on its site|in its stores> products that
  compete with those of {a}.
- The <Shareholders|Sellers> undertake that they will not set up or be <employed|interested> in
  a business of {biz} for {years}.
- You may not, for {years} after <expiration|transfer> of the franchise, have any interest in a
  <similar|competitive> business located within {count} miles of any <Store|Restaurant>.
- {a} shall not permit its <network|site> to carry <advertising|sponsorship> of any competitor
  of {b}, <including those listed in Exhibit A|as {b} identifies from time to time>.
- If {a} <begins|launches> a product competing with the {thing}, {b} may <convert the license to
  non-exclusive|claim damages>, {a} having agreed not to compete.
- {a} acknowledges that the covenant not to compete is <reasonable|necessary> in
  <duration|scope> and geography, and may be enforced by injunction.
- Neither party shall, in the Field, <research|commercialize> any <compound|product> directed to
  the same target <other than under {agr}|alone or with a third party>.
- {a} will not <endorse|appear in commercials for> any other <maker|brand> of <goods of the
  kind|{biz} products> during the Contract Period.
- Executive agrees that while employed and for {years} after, he will not <work for|consult
  with|serve as director of> a <rival|competitor> of {b}.
- In consideration of <the payments hereunder|{money}>, {a} gives up the right to compete with
  {b} in <the field of|> {biz} throughout {place}.
- {a} shall cause its <subsidiaries|principals> not to conduct or <promote|support> any activity
  which <rivals|competes with> the Business as carried on at Closing.
- So long as {agr} is in force, {a} must not distribute <goods|equipment> which could be
  considered as competing with those supplied by {b}.
- {a} shall not open, within a radius of {count} miles, another <outlet|location|clinic> dealing
  in {biz}.
- The restriction on competition shall <lapse|cease to apply> if {b} <stops|discontinues>
  <trading|selling the {thing}>, but otherwise binds {a} for {years}.
- {a} promises not to <enter|move into> the market for {biz} during the exclusivity period.
- Without {b}'s consent, {a} may not build or supply to others <anything|a device> having
  <substantially the same|comparable> function and intended for {b}'s customers in competition
  with {b}.
- Members shall not compete with the <Joint Venture|Company>, alone or through others, in <the
  business of|> {biz}.
- The provisions restraining {a} from competing shall be <severable|blue-penciled>, and if too
  broad shall be <reduced|enforced> to the extent lawful.
- {a} shall not <use its position|lend assistance> to help any other person compete with {b} in
  <{place}|the sale of {thing}>.
- No <Founder|Principal> shall be involved as <owner|partner|employee> in {biz} other than
  through {b}.
- {a} shall neither make nor <buy for resale|import> products of the class of the {thing} from
  sources competing with {b}.
- For so long as it holds more than {pct} of the shares, {a} shall not <acquire|form> a company
  active in {biz} in competition with the Group.
- During the Restricted Period {a} shall keep out of <any competing enterprise|the {biz} trade>
  anywhere <in {place}|that {b} does business>.
- {a} warrants that it is not now, and for {years} will not become, engaged in <a competing
  line|{biz}> within the <Exclusive Area|Territory>.
- NON-COMPETITION. {a} shall not compete with {b}, directly or through any <entity|affiliate> it
  controls, for {years}.
- {a} will not bid against {b} for <contracts|projects> in {biz} or join a team that does so.
- Any breach by {a} of the undertaking not to compete shall entitle {b} to <injunctive
  relief|recover {money}> and extends the period by the <time|duration> of the breach.
""",
    "Payment Terms": """
- {b} shall pay <each invoice|all undisputed invoices> within {days} <of receipt|after the
  invoice date>.
- Amounts not paid when due bear interest at <{pct} per month|the prime rate plus {pct}>.
- {a} will invoice {b} <monthly in arrears|quarterly in advance> for the {thing}.
- In consideration of the {thing}, {b} shall pay {a} a fee of {money}, payable in
  <two|four|twelve> equal installments.
- All prices are <exclusive of|net of> sales tax, VAT and duties, which {b} shall pay.
- {b} shall pay a royalty of {pct} of Net Sales <within {days} after each quarter|every six
  months>.
- Payments shall be made in <U.S. dollars|euros> by wire transfer to the account designated by
  {a}.
- {b} may withhold payment of amounts disputed in good faith.
- A deposit of {money} is due on signing and the balance upon <delivery|completion>.
- Rent of {money} per month shall be paid on the first day of each month without set-off.
- Out-of-pocket expenses are reimbursed at cost <against receipts|if approved in advance>.
- A discount of {pct} applies if {b} pays inside {days}.
- {a} may raise its prices <once a year|on {days} notice> by no more than {pct}.
- {b} agrees to remit commissions equal to {pct} of revenue collected in the prior month.
- Upon achieving each milestone, {b} shall make a non-refundable payment of {money}.
- The purchase price shall be {money}, of which {pct} is payable at Closing.
- Late charges of {pct} shall be added to overdue sums.
- {a} can suspend deliveries while any invoice stays unpaid for over {days}.
- The monthly subscription charge is {money}, billed to the card on file.
- Checks shall be mailed to {a}'s office in {city} by the {count}th day of the following month.
- Withholding taxes required by law shall be deducted from payments and receipts supplied to
  {a}.
- {b} shall reimburse travel and lodging up to {money} per trip.
- Minimum annual fees of {money} shall be paid by {b} irrespective of sales.
- Terms: net {count} days from date of invoice, no cash discount.
- The Consultant shall be paid {money} per hour upon submission of time sheets.
- Fees for the first year are fixed at {money}; afterwards they follow the consumer price index.
- Where currency conversion is needed, the rate published by the central bank on the day of
  payment is used.
- If {b} defaults in any installment, the whole unpaid balance becomes due immediately.
- {a} shall be paid {pct} of gross receipts from the {thing}, less returns and freight.
- No payment may be offset against other debts unless {a} so agrees.
""",
    "Renewal Term": """
- {agr} shall <automatically |>renew for <successive|additional> <one (1) year|twelve-month>
  terms unless <either party|{b}> gives notice of non-renewal {days} <before|prior to> expiry.
- At the end of the Initial Term, {agr} will be extended for {years} on the same terms <unless
  terminated|if neither party objects>.
- {b} shall have <an option|the right> to renew {agr} for <one|two> further <period|periods> of
  {years} by notice given {days} before expiration.
- The term may be extended by mutual written agreement <of the parties|signed before expiry>.
- Unless notice to the contrary is received {days} ahead, {agr} <rolls over|continues> from year
  to year.
- Each renewal shall be at {a}'s then-current <prices|rates>, and begin on the day after the
  <Initial Term|prior term> ends.
- {agr} is renewable <twice|for up to {years}> at {b}'s option, provided {b} is not in default.
- You may, at the end of the term, renew the franchise for {years} if you <sign our then-current
  form|have complied with {agr}>.
- The initial period shall be prolonged automatically by {years} each time, failing a notice <of
  opposition|to stop> sent {days} earlier.
- If the parties keep performing after the expiry date, {agr} is deemed renewed <month to
  month|for another year>.
- Renewal: automatic, for terms of {years}, subject to non-renewal notice of {days}.
- {a} must tell {b} {days} before the end of the term whether it <wants|intends> to renew.
- The parties shall meet not later than {days} before expiration to negotiate <an
  extension|renewal> in good faith.
- The Lease may be extended for one additional term of {years} at a rent increased by {pct}.
- Thereafter {agr} shall continue for consecutive <Renewal Terms|extension periods> of {years}
  each.
- The option to extend shall be deemed exercised unless {b} declines by <written
  notice|registered mail> {days} prior to the expiration date.
- Following the original term, {agr} shall self-renew annually, subject to <achievement of
  minimum sales|the performance targets>.
- {a} and {b} agree to extend the term of {agr} to {date}, all other provisions remaining
  unchanged.
- No renewal shall take place if {b} has sent word of its intent not to <renew|extend> at least
  {days} before the anniversary date.
- The Board must approve each continuance of {agr} <at least annually|year by year>, failing
  which it is not renewed.
- Either party may decline renewal by so advising the other not less than {days} in advance of
  the current term's end.
- Renewal Terms shall be governed by the same conditions, except that fees <increase by
  {pct}|are to be agreed>.
- This subscription renews itself at the close of every <billing|contract> year until a
  non-renewal request arrives.
- An extension of {years} shall be granted upon {b}'s request together with a renewal fee of
  {money}.
- The then-current term shall be lengthened by one year on each anniversary, so that the
  remaining term is always {years}.
- {b} can prolong the concession for a second period of {years} by exercising its option <in
  writing|before {date}>.
- On expiry the contract shall be tacitly renewed for equal periods.
- The Initial Term, together with any renewals, shall not last longer than {years} in all.
- Failing agreement on renewal {days} before the end date, {agr} expires without being extended.
- Subject to satisfactory performance, the engagement shall be renewed for a further {years}
  upon <expiry|completion of the first term>.
""",
    "Termination For Convenience": """
- <Either party|Either {a} or {b}> may terminate {agr} <at any time|for any reason or no
  reason|without cause> <upon|by giving|on> {days} <prior |>written notice<| to the other>.
- {b} <may|shall have the right to> terminate {agr} for <convenience|its convenience> <on not
  less than|by> {days} notice<|, without penalty>.
- {a} can end {agr} whenever it <wishes|chooses>, <with or without cause|no reason being
  required>, by notifying {b} {days} <ahead|in advance>.
- Notwithstanding <the stated term|anything herein>, {agr} is terminable at will by <either
  party|{b}>.
- After <the first year|the Initial Term|{years} from the Effective Date>, either party is free
  to terminate on {days} notice without having to show cause.
- {b} reserves the right to cancel {agr}<, or any Statement of Work,|> <in its sole
  discretion|for any reason whatsoever> upon {days} notice.
- {agr} may be terminated without <the payment of any penalty|liability>, on {days} notice, by
  <vote of the Board|{b}|either party>.
- THIS AGREEMENT MAY BE TERMINATED BY EITHER PARTY WITHOUT CAUSE UPON {DAYS} WRITTEN NOTICE.
- If {b} terminates for convenience, it shall pay for {thing} <delivered|performed> up to the
  termination date<| plus reasonable wind-down costs>.
- The Government<, or {b} acting on its instructions,|> may terminate this contract at any time
  when <it is in its interest|it so elects>.
- {a} or {b} may, <without assigning any reason|at its option>, bring {agr} to an end on the
  last day of any <month|quarter> by {days} notice.
- {b} may discontinue the <program|project|services> and terminate {agr} upon {days} notice if
  it decides <for business reasons|in its judgment> not to proceed.
- The engagement is at will and may be ended by <either side|the Company> <at any time|on {days}
  notice> for any <or no |>reason.
- {b} shall be entitled to withdraw from {agr} <without stating grounds|unilaterally> by
  registered letter sent {days} beforehand.
- Each party has the option to terminate, such option to be exercised <in writing|by notice>
  with effect {days} later, <no breach being necessary|without cause>.
- At any time following the <second|third> anniversary, {a} may give {days} notice of its desire
  to terminate and {agr} shall end accordingly.
- {b} may terminate any <Work Order|purchase order|Site License> for its convenience, <in whole
  or in part|at any stage>, by written notice.
- A party electing to terminate without cause shall pay the other a <termination fee|break fee>
  of {money}.
- You may cancel your participation at any time <by emailing us|with {days} notice>, and we may
  do likewise.
- Nothing herein obliges {b} to continue; it may stop <and terminate {agr}|> on {days} notice
  even though {a} is not in <default|breach>.
- Upon {days} advance notice, {b} may terminate <this appointment|{agr}> as to <all|any one or
  more> of the {thing} for any reason.
- {agr} shall remain in force until terminated by either party, which each may do
  <freely|without reason> by giving {days} notice.
- Termination without cause: {days} notice by either party.
- {b} has the unrestricted right to terminate {agr} <prior to the launch|before completion of
  the study>, paying only <non-cancellable costs|work done>.
- The <Fund|Trust|Client> may at any time, without penalty, terminate {agr} by not more than
  {days} nor less than {days} written notice to {a}.
- Should {b} no longer <desire|need> the {thing}, it can terminate by a simple <written|e-mail>
  notice of {days}.
- In addition to its other rights, {b} may terminate in its <absolute|sole and absolute>
  discretion, effective <immediately|{days} after notice>.
- {a} shall have the right to end the <relationship|arrangement> early, for convenience and not
  for cause, if it gives <at least|no fewer than> {days} notice.
- Without limiting termination for breach, either may terminate {agr} for <any
  reason|convenience>, and no <compensation|indemnity> shall be due on that account.
- The parties may each revoke {agr} <unconditionally|at pleasure> on {days} notice; <accrued
  rights survive|orders already accepted will be filled>.
- {b} may, upon payment of {money}, terminate {agr} before its scheduled expiration without
  <need of|showing> any default.
- This appointment continues until either of us <ends it by {days} notice|tells the other in
  writing, {days} ahead, that it is over>, for whatever reason.
""",
    "Warranty": """
- {a} warrants that the {thing} will be free from defects in <material and workmanship|design
  and manufacture> for {years} from <delivery|acceptance>.
- {a} represents and warrants that it has <full power|the corporate authority> to enter into
  {agr} and that doing so breaches no other contract.
- EXCEPT AS STATED HEREIN, {A} MAKES NO WARRANTIES, EXPRESS OR IMPLIED, INCLUDING
  MERCHANTABILITY OR FITNESS FOR A PARTICULAR PURPOSE.
- The {thing} are provided "as is" and {a} disclaims all <implied |>warranties.
- Each party represents that it is duly organized and in good standing under the laws of
  {place}.
- {a} guarantees that the {thing} shall conform to the <Specifications|samples approved by {b}>
  when shipped.
- Should the {thing} fail during the warranty period of {years}, {a} shall repair or replace
  them free of charge.
- {a} warrants the services will be performed in a <professional|workmanlike> manner by
  qualified personnel.
- The warranty is void if the {thing} have been <altered|misused|repaired by others>.
- {a} warrants that title to the goods is good and free of <liens|encumbrances>.
- Seller's warranty period starts on <commissioning|the date of invoice> and lasts {years}.
- {a} gives no warranty as to the <accuracy|completeness|suitability> of the <information|Data>.
- To {a}'s knowledge, the {thing} do not infringe any patent, and {a} so represents.
- All goods supplied carry a <limited|standard> warranty of {years} on parts and labor.
- {a} makes no representation regarding <sales volumes|profits> that {b} may achieve.
- The Software is warranted to perform substantially as described in the documentation for
  {days} after installation.
- Products shall have, on the date of receipt, a shelf life of at least {count} months, and {a}
  so guarantees.
- The foregoing warranties are exclusive and in lieu of all others, whether written, oral or
  implied.
- {a} warrants that no <viruses|malicious code> will be contained in the {thing}.
- {b} shall report defects within {days} of discovery in order to claim under the warranty.
- The warranties given to {b} pass through to <its customers|end users> of the {thing}.
- {a} certifies and warrants that all materials are new and of the quality specified.
- Each of the Sellers represents and warrants that the financial statements are true and fairly
  present the condition of the Company.
- Replacement parts are warranted for the balance of the original period or {days}, whichever is
  longer.
- {a} assures {b} that the {thing} comply with all applicable <regulations|safety standards> at
  the time of delivery.
- The statements made by {a} in Schedule 2 are warranties on which {b} relies in signing {agr}.
- Defective workmanship appearing within {years} after completion shall be put right by {a}
  under its guarantee.
- NO ORAL ADVICE GIVEN BY {A} SHALL CREATE A WARRANTY.
- It is warranted by {a} that there is no <litigation|proceeding> pending which would impair its
  ability to perform.
- {a}'s warranty does not cover <normal wear|consumables|damage in transit>.
""",
}

TAILS = """
- The provisions of this Section shall survive <termination|expiration> of {agr}.
- Capitalized terms have the meanings given in <Exhibit A|{sec}>.
- Headings are for convenience only.
- This paragraph applies to <each|every> Order Form entered into by the parties.
- Nothing herein creates a partnership between {a} and {b}.
- The foregoing is subject to <{sec}|the provisions of Schedule 2>.
- Time is of the essence.
- {a} acknowledges having read and understood this provision.
- The parties have initialed this Section.
- Each of the parties has been advised by counsel.
- See also <{sec}|Exhibit C>.
- This clause shall be construed together with {sec}.
- [Remainder of page intentionally left blank]
- The parties may amend this Section only by a signed writing.
- As used here, "{thing}" includes updates delivered after the Effective Date.
- A waiver on one occasion is not a waiver on another.
- <The recitals|Recital C> shall be read accordingly.
- This Section replaces Section {secno} of the <Prior Agreement|Original Agreement> in its
  entirety.
"""

PREAMBLES = """
- Subject to the terms <and conditions |>of {agr},
- Notwithstanding anything to the contrary <herein|contained in {agr}|stated in {sec}>,
- Except as <otherwise |><provided|set forth> in {sec},
- Except as otherwise expressly agreed,
- Unless otherwise agreed in writing,
- In addition to <the foregoing|any other rights hereunder>,
- For the avoidance of doubt,
- The parties agree that
- It is <understood|agreed|understood and agreed> that
- As further described in {sec},
- Without limiting the generality of {sec},
- To the extent permitted by <applicable law|law>,
- As of the Effective Date,
- In accordance with {sec},
- Where {sec} applies,
- {a} and {b} hereby agree as follows:
- As amended by the First Amendment dated {date},
- Provided that {a} is not then in default,
- With effect from {date},
- Save as set out in {sec},
"""

NOTICES = """
- {agr} shall renew automatically for <successive|additional> {rt} periods unless either party
  gives the other written notice of non-renewal at least {np} <prior to|before> the end of the
  <then-current term|Initial Term or any Renewal Term>.
- Following the Initial Term of {it}, {agr} will be extended for consecutive {rt} terms, unless
  {a} or {b} notifies the other of its intention not to renew no later than {np} before
  expiration.
- The term shall continue from year to year until {a} or {b} serves a notice of termination on
  the other not less than {np} ahead of <the anniversary date|any anniversary of the Effective
  Date>.
- After the initial {it} term, {agr} rolls over unless cancelled by either side with {np} prior
  written notice.
- The contract is concluded for {it} and will be tacitly prolonged by {rt} each time unless it
  is denounced in writing {np} prior to its expiry.
- Either party may prevent renewal by sending <written|registered> notice to the other {np}
  before the expiry of the term then running; absent such notice {agr} renews for {rt}.
- If {b} does not wish to renew, it must so inform {a} in writing not fewer than {np} prior to
  the last day of the Term, failing which a renewal of {rt} takes effect.
- {agr} has an initial duration of {it} and shall remain in force thereafter until either party
  terminates it upon {np} written notice.
- {a} may decline to extend the {rt} Renewal Term by delivering notice to {b} at least {np} in
  advance of the date on which such Renewal Term would begin.
- Unless one party tells the other of its desire to end {agr} {np} or more before the close of
  the initial period of {it}, the same shall be renewed for a further {rt}.
- Each Renewal Term is {rt}; it starts automatically if no party has objected by notice given at
  least {np} before the preceding term runs out.
- This Lease will be renewed for {rt} periods after the {it} base term, except where Tenant or
  Landlord has given {np} notice that it will not continue.
- Thereafter {agr} shall be renewed for {rt} at a time, provided that either of the parties can
  stop the renewal by {np} notice <in writing|by certified mail>.
- {agr} commences on {date}, lasts {it}, and renews for like periods unless notice to the
  contrary is received by the other party {np} before the renewal date.
- The initial term ({it}) shall extend automatically, unless terminated by either Party by
  giving {npp} notice before the end of such term.
- Subject to earlier termination under {sec}, {agr} shall be deemed renewed for {rt} unless, at
  least {np} prior to the end of a term, either party elects not to renew and says so in
  writing.
- Franchisor shall notify Franchisee of its decision not to renew no less than {np} before the
  term of {it} expires.
- {b} has the option to extend the Term for {rt} by giving {a} notice of its election at least
  {np} prior to the expiration date.
- Either {a} or {b} may opt out of any {rt} extension upon {npp} advance written notice.
- At the end of the {it} term {agr} continues month to month, and can be ended by either party
  with {npp} written notice.
- For the term following the first {it}, {agr} shall be automatically extended in increments of
  {rt} unless written notification of non-extension is provided {np} before the scheduled end.
- {agr} shall be effective for {it} from its signature. It is then automatically renewed for
  {rt}. Any party opposing renewal shall give notice thereof {np} before the term is over.
- In case neither party sends a cancellation letter {np} before the end of a contractual period,
  the period is extended by {rt}.
- {a} shall send the customer a reminder; the customer may cancel the {rt} renewal of its
  subscription if its notice reaches {a} {np} prior to the renewal date.
- The engagement of {a} shall run for {it} and for additional periods of {rt} each unless the
  Company, upon {np} notice before the end of a period, advises that it will not be extended.
- Renewal: automatic for {rt}. Notice of non-renewal: {np} prior to end of term. Initial term:
  {it}.
- Unless sooner terminated, the Initial Term is {it}. {agr} shall then self-renew for {rt}
  unless a party gives notice to terminate {np} before the Initial Term or a Renewal Term ends.
- The parties may extend {agr} for up to two further periods of {rt}, {b} to request the
  extension in writing not later than {np} before the expiration of the current period.
- The JV Agreement has a life of {it}, extendable for {rt}, save where a notice of non-renewal
  has been sent {np} before its natural expiry.
- If either Party intends to let {agr} lapse at the end of the {it} term, it shall inform the
  other Party thereof by means of a written notice at least {np} earlier; otherwise {agr}
  continues for {rt}.
- {agr} will stay in effect for consecutive terms of {rt} until such time as one of the parties,
  on not less than {npp} notice, terminates it as of the end of a term.
- Upon completion of the {it} term, a new term of {rt} begins unless notice of intent to
  terminate has been given {np} in advance by {b}.
- This Distribution Agreement shall have a first term of {it}; renewals of {rt} follow
  automatically, it being agreed that {a} or {b} may terminate effective as of the end of any
  term with prior notice of {np}.
- Notwithstanding {sec}, once {agr} has been renewed for {rt}, either Party has the right to
  terminate it on {npp} prior written notice.
"""

TERMS = """
- {agr} shall commence on the Effective Date and continue for <a period of |an initial term of
  |>{it}, unless terminated on {np} notice.
- The term of {agr} is {it} from {date}<|, and may be renewed for {rt}>.
- Unless sooner terminated under {sec}, {agr} shall remain in full force for {it} after <the
  Closing|its signature>.
- The initial term begins upon execution and ends {it} later; renewal is for {rt} at a time.
- {a} is appointed for {it}, starting {date}, and either party may give {np} notice of breach.
- {agr} takes effect when signed and has a duration of {it}.
- Duration: {it}. Notice period: {np}.
- The Lease is granted for {it} commencing on {date}, with an option for a further {rt}.
- {agr} will be binding for {it}, after which it continues in {rt} renewals.
- The parties agree to a contract life of {it}; early termination requires {np} written notice.
- The license runs for {it} from first commercial sale; royalties are due {np} after each
  quarter.
- "Term" means the period of {it} beginning on {date}.
- Subject to {sec}, the engagement shall last {it}, and a defaulting party has {np} to cure.
- The concession shall expire {it} after the Start Date.
- This subscription covers {it} from activation. Cancellation must reach us {np} before it ends.
- {b} retains {a} for a fixed term of {it}, invoices being payable within {np}.
- {agr} stays in effect for {it}, provided that {b} may cancel on {np} notice.
- The sponsorship shall be for {it} with a right of first negotiation of {np} thereafter.
- From the date of last signature {agr} is valid for {it} and then lapses unless extended by
  {rt}.
- The Joint Venture Company shall have a term of operation of {it}, to be applied for {np}
  before expiry if prolonged.
- We grant you the franchise for {it}. You may renew it for {rt}.
- Executive's employment under {agr} shall extend for {it} from {date}, and {np} of base salary
  is payable as severance.
- The supply obligations endure for {it}; forecasts are given {np} ahead.
- The initial term hereof is {it} ("Initial Term"), each extension being {rt} ("Renewal Term").
- As amended, the Term of {agr} shall be {it} rather than {rt}.
- {a}'s exclusive rights persist for {it}, while claims must be notified within {np}.
- {agr}, effective {date}, is concluded for {it} and can only be terminated for cause on {np}
  notice.
- Services will be rendered over {it}. A transition of {np} follows.
"""

CAPS = """
- <In no event shall|Under no circumstances will> {a}'s <total|aggregate|cumulative> liability
  under {agr} exceed {cap}<|, regardless of the form of action>.
- {a}'s liability for all claims is limited to {cap}; {a} shall carry insurance of at least
  {other}.
- EXCEPT FOR INDEMNITY OBLIGATIONS, NEITHER PARTY'S LIABILITY SHALL EXCEED {CAP}.
- The maximum amount recoverable by {b} shall be {cap}, even though the fees paid were {other}.
- {b} may recover direct damages only, up to {cap} in the aggregate<|, and nothing for lost
  profits>.
- The liability of {a} and its suppliers will not be greater than {cap} for any one event<| or
  series of related events>.
- Save for fraud or death, {a} shall not be liable beyond {cap}. The annual fee remains {other}.
- Damages hereunder are capped at {cap}.
- Should {a} be found liable despite the above exclusions, {b} agrees that its total recovery
  shall not go beyond {cap}.
- The Sellers shall have no liability until losses reach {other}, and in no case for more than
  {cap}.
- The parties fix the ceiling of {a}'s liability at {cap}, the purchase price being {other}.
- Notwithstanding any other provision of {agr}, the combined liability of {a} and its affiliates
  shall be no more than {cap}.
- Any claim against {a} in respect of the {thing} is subject to an overall limit of {cap} per
  contract year.
- {a} accepts liability for property damage not exceeding {cap}; all other liability is
  excluded.
- If an exclusion is held invalid, {a} is answerable only for a sum of {cap} or less.
- The remedies of {b} shall be limited to money damages of at most {cap}, notwithstanding
  minimum commitments of {other}.
- Upper limit of liability: {cap}. Deductible: {other}.
- The liability cap stands at {cap} for the term<|, irrespective of the deposit of {other}>.
- {a} shall be responsible to {b} for losses up to and including {cap}, whether arising in
  contract, tort or otherwise.
- The indemnity in {sec} is subject to a maximum of {cap}, with a basket of {other}.
- Under no theory of law shall either party owe the other in excess of {cap} hereunder.
- In consideration of the price of {other}, {b} agrees that {a}'s exposure for breach is
  confined to {cap}.
- Liquidated damages shall accrue daily but shall in total not surpass {cap}.
- {a} shall have no obligation to pay damages above {cap}, the premium for greater cover
  ({other}) having been declined by {b}.
- Aggregate exposure of {a} over the whole term is restricted to {cap}.
"""
