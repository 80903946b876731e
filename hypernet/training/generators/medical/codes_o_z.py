"""ICD-10 categories O to Z: code and flag, title, ways of saying it; read by medical_words.

A flag is f or m (that sex only), n (newborn) or c (child); "~" stands before what has a side.
"""

from __future__ import annotations

TABLE = """
O00|Ectopic pregnancy|ectopic pregnancy; ~tubal pregnancy; ruptured ~fallopian tube ectopic;
  ovarian pregnancy; ectopic gestation without intrauterine pregnancy
O02|Other abnormal products of conception|missed abortion; blighted ovum; missed miscarriage at 9
  weeks; anembryonic pregnancy
O03|Spontaneous abortion|miscarriage; incomplete spontaneous abortion; complete miscarriage at 10
  weeks; SAB with heavy bleeding
O10|Pre-existing hypertension complicating pregnancy, childbirth and the puerperium|chronic
  hypertension in pregnancy; pre-existing essential hypertension complicating pregnancy, second
  trimester; pregnant with longstanding HTN; pre-existing hypertension complicating the puerperium
O13|Gestational [pregnancy-induced] hypertension without significant proteinuria|gestational
  hypertension; PIH; pregnancy-induced hypertension, no proteinuria; transient hypertension of
  pregnancy, third trimester
O14|Pre-eclampsia|preeclampsia; severe pre-eclampsia; HELLP syndrome; PET with proteinuria; mild
  to moderate pre-eclampsia, third trimester
O15|Eclampsia|eclampsia; eclamptic seizure in labor; eclampsia in the puerperium; eclamptic fit,
  third trimester
O20|Hemorrhage in early pregnancy|threatened abortion; threatened miscarriage; bleeding in early
  pregnancy; spotting at 8 weeks pregnant, threatened miscarriage
O21|Excessive vomiting in pregnancy|hyperemesis gravidarum; morning sickness, excessive; late
  vomiting of pregnancy; vomiting in pregnancy with ketonuria, hyperemesis
O23|Infections of genitourinary tract in pregnancy|UTI in pregnancy; pyelonephritis in pregnancy,
  second trimester; infection of bladder in pregnancy; cystitis in pregnant patient
O24|Diabetes mellitus in pregnancy, childbirth, and the puerperium|gestational diabetes; GDM diet
  controlled; GDMA2 on insulin; pre-existing type 2 DM in pregnancy; diabetes arising in pregnancy
O30|Multiple gestation|twin pregnancy; dichorionic twins; triplets; MCDA twin pregnancy, second
  trimester; multiple gestation
O32|Maternal care for malpresentation of fetus|breech presentation; maternal care for transverse
  lie; footling breech at term; unstable lie, maternal care
O34|Maternal care for abnormality of pelvic organs|maternal care for cervical incompetence;
  pregnant with uterine scar from previous cesarean; cervical insufficiency in pregnancy;
  bicornuate uterus complicating pregnancy
O36|Maternal care for other fetal problems|Rh isoimmunization, maternal care; decreased fetal
  movements, third trimester; IUGR, maternal care for poor fetal growth; maternal care for
  large-for-dates fetus
O42|Premature rupture of membranes|PPROM at 31 weeks; PROM; waters broke before labour, premature
  rupture of membranes; prelabour rupture of membranes, onset of labor within 24 hours
O44|Placenta previa|placenta praevia; low-lying placenta with bleeding; complete placenta previa;
  placenta previa without hemorrhage, second trimester
O45|Premature separation of placenta [abruptio placentae]|placental abruption; abruptio placentae;
  premature separation of placenta with DIC; concealed abruption, third trimester
O47|False labor|Braxton Hicks contractions; false labor at 38 weeks; false labour before 37
  completed weeks; threatened labour, contractions settled
O48|Late pregnancy|post-term pregnancy 41 weeks; prolonged pregnancy beyond 42 weeks; overdue,
  postdates pregnancy; post-term gestation
O60|Preterm labor|preterm labour at 33 weeks; premature labor without delivery; preterm labor with
  preterm delivery; early labor, 30 weeks, preterm
O63|Long labor|prolonged second stage of labor; prolonged first stage; long labour, unspecified;
  delayed delivery of second twin
O70|Perineal laceration during delivery|second degree perineal tear during delivery; third degree
  obstetric tear; 4th degree perineal laceration at birth; first degree perineal laceration during
  delivery
O72|Postpartum hemorrhage|PPH; postpartum haemorrhage due to atony; delayed postpartum hemorrhage;
  third-stage hemorrhage, retained placenta with bleeding
O80|Encounter for full-term uncomplicated delivery|normal vaginal delivery at term; SVD,
  uncomplicated; full-term normal delivery, single liveborn; spontaneous vertex delivery, no
  complications
O82|Encounter for cesarean delivery without indication|elective cesarean delivery without
  indication; planned C-section, no medical indication; caesarean delivery at maternal request;
  encounter for caesarean without indication
O85|Puerperal sepsis|puerperal sepsis; childbed fever; postpartum sepsis; sepsis day 3 after
  delivery, puerperal
O91|Infections of breast associated with pregnancy, the puerperium and lactation|lactational
  mastitis ~breast; puerperal mastitis; breast abscess while breastfeeding; nipple infection
  associated with lactation
P05|Disorders of newborn related to slow fetal growth and fetal malnutrition|small for gestational
  age newborn; SGA neonate 2100 g; light for dates baby; newborn affected by slow intrauterine
  growth; fetal malnutrition
P07|Disorders of newborn related to short gestation and low birth weight, not elsewhere
  classified|preterm newborn 32 weeks; extremely low birth weight neonate; premature baby, 1450 g;
  VLBW preemie; prematurity, 35 completed weeks
P08|Disorders of newborn related to long gestation and high birth weight|large for gestational age
  newborn; macrosomic newborn 4700 g; post-term infant; exceptionally large newborn baby
P12|Birth injury to scalp|cephalhematoma due to birth injury; caput succedaneum; subgaleal
  hemorrhage in newborn after vacuum; chignon from vacuum extraction
P14|Birth injury to peripheral nervous system|Erb's palsy ~arm; Klumpke paralysis due to birth
  injury; brachial plexus birth injury ~side; phrenic nerve paralysis due to birth injury
P22|Respiratory distress of newborn|RDS of newborn; hyaline membrane disease; transient tachypnea
  of newborn; TTN; neonatal respiratory distress syndrome
P23|Congenital pneumonia|congenital pneumonia; neonatal pneumonia due to group B strep acquired in
  utero; congenital pneumonia due to E. coli; newborn with infective pneumonia from birth
P24|Neonatal aspiration|meconium aspiration syndrome; MAS; neonatal aspiration of amniotic fluid;
  neonatal aspiration of milk; meconium aspiration with pneumonia
P27|Chronic respiratory disease originating in the perinatal period|bronchopulmonary dysplasia;
  BPD of preterm infant; Wilson-Mikity syndrome; chronic lung disease of prematurity
P28|Other respiratory conditions originating in the perinatal period|apnea of prematurity; primary
  sleep apnea of newborn; neonatal respiratory failure; primary atelectasis of newborn
P29|Cardiovascular disorders originating in the perinatal period|persistent pulmonary hypertension
  of newborn; PPHN; neonatal cardiac failure; neonatal tachycardia; persistent fetal circulation
P36|Bacterial sepsis of newborn|neonatal sepsis; early-onset GBS sepsis of newborn; sepsis of
  newborn due to E. coli; late onset neonatal bacterial sepsis
P38|Omphalitis of newborn|omphalitis of newborn; infected umbilical stump in neonate; omphalitis
  with mild hemorrhage; red oozing cord stump, newborn omphalitis
P39|Other infections specific to the perinatal period|neonatal conjunctivitis; ophthalmia
  neonatorum; neonatal infective mastitis; neonatal UTI; neonatal skin infection
P52|Intracranial nontraumatic hemorrhage of newborn|IVH grade II in preterm newborn;
  intraventricular hemorrhage of newborn; germinal matrix bleed, neonate; subependymal hemorrhage
  of fetus and newborn
P55|Hemolytic disease of newborn|Rh hemolytic disease of newborn; ABO incompatibility newborn; ABO
  isoimmunization of newborn; erythroblastosis fetalis from Rh incompatibility
P58|Neonatal jaundice due to other excessive hemolysis|neonatal jaundice due to bruising; neonatal
  jaundice from polycythemia; jaundice in newborn due to excessive hemolysis; neonatal jaundice
  due to swallowed maternal blood
P59|Neonatal jaundice from other and unspecified causes|neonatal jaundice; jaundice of
  prematurity; physiological jaundice of newborn; breast milk jaundice; yellow baby under
  phototherapy, neonatal jaundice NOS
P61|Other perinatal hematological disorders|polycythemia neonatorum; anemia of prematurity;
  transient neonatal thrombocytopenia; transient neonatal neutropenia
P70|Transitory disorders of carbohydrate metabolism specific to newborn|neonatal hypoglycemia;
  infant of diabetic mother syndrome; low glucose in newborn; transient neonatal diabetes mellitus
P76|Other intestinal obstruction of newborn|meconium plug syndrome; transitory ileus of newborn;
  newborn intestinal obstruction due to inspissated milk; meconium plug
P77|Necrotizing enterocolitis of newborn|NEC stage II; necrotizing enterocolitis in preterm
  newborn; NEC with perforation; neonatal necrotising enterocolitis
P80|Hypothermia of newborn|hypothermia of newborn; cold injury syndrome; newborn temp 34.8,
  neonatal hypothermia; mild hypothermia of newborn
P83|Other conditions of integument specific to newborn|erythema toxicum neonatorum; breast
  engorgement of newborn; neonatal hydrocele; umbilical polyp of newborn; hydrops fetalis not due
  to hemolytic disease
P91|Other disturbances of cerebral status of newborn|hypoxic ischemic encephalopathy; HIE
  moderate, cooled; neonatal cerebral irritability; neonatal coma; neonatal encephalopathy
P92|Feeding problems of newborn|feeding problems of newborn; slow feeding newborn; neonatal
  difficulty in feeding at breast; overfeeding of newborn; regurgitation and rumination of newborn
P96|Other conditions originating in the perinatal period|neonatal abstinence syndrome; NAS,
  maternal opioid use; neonatal withdrawal from maternal drugs of addiction; congenital renal
  failure; meconium staining
Q03|Congenital hydrocephalus|congenital hydrocephalus; aqueductal stenosis with hydrocephalus,
  congenital; Dandy-Walker malformation; hydrocephalus present at birth
Q05|Spina bifida|spina bifida; lumbar myelomeningocele; meningocele, spinal; spina bifida with
  hydrocephalus; open spine defect at birth
Q10|Congenital malformations of eyelid, lacrimal apparatus and orbit|congenital ptosis ~eyelid;
  congenital entropion; congenital stenosis of lacrimal duct; congenital ectropion ~eye
Q12|Congenital lens malformations|congenital cataract ~eye; congenital aphakia; coloboma of lens;
  congenital displaced lens
Q17|Other congenital malformations of ear|accessory auricle; preauricular tag ~ear; microtia
  ~side; bat ears; macrotia
Q20|Congenital malformations of cardiac chambers and connections|transposition of great vessels;
  truncus arteriosus; double outlet right ventricle; TGA; common arterial trunk
Q21|Congenital malformations of cardiac septa|VSD; atrial septal defect; tetralogy of Fallot; hole
  in the heart, ASD secundum; patent foramen ovale; AV canal defect
Q22|Congenital malformations of pulmonary and tricuspid valves|Ebstein anomaly; pulmonary valve
  atresia; congenital pulmonary valve stenosis; tricuspid atresia, congenital
Q25|Congenital malformations of great arteries|PDA; patent ductus arteriosus; coarctation of
  aorta; congenital stenosis of pulmonary artery
Q35|Cleft palate|cleft palate; cleft hard palate; bifid uvula; cleft soft palate
Q36|Cleft lip|cleft lip ~side; unilateral cleft lip; harelip, congenital; bilateral cleft lip
Q37|Cleft palate with cleft lip|cleft lip and palate; cleft hard palate with cleft lip ~side;
  unilateral cleft lip with cleft soft palate; combined cleft lip and palate
Q39|Congenital malformations of esophagus|esophageal atresia with TE fistula; tracheo-oesophageal
  fistula, congenital; congenital oesophageal web; TEF with atresia
Q40|Other congenital malformations of upper alimentary tract|congenital hypertrophic pyloric
  stenosis; infantile pyloric stenosis, congenital; congenital hiatus hernia; pyloric stenosis in
  5 week old, projectile vomiting
Q41|Congenital absence, atresia and stenosis of small intestine|duodenal atresia; jejunal atresia;
  congenital atresia of ileum; double bubble sign, duodenal atresia
Q42|Congenital absence, atresia and stenosis of large intestine|imperforate anus; anorectal
  atresia with fistula; congenital atresia of rectum; congenital stenosis of anus
Q43|Other congenital malformations of intestine|Hirschsprung disease; Meckel's diverticulum;
  malrotation of intestine, congenital; aganglionic megacolon
Q53 m|Undescended and ectopic testicle|undescended testicle ~side; cryptorchidism; ectopic testis
  ~side; bilateral undescended testes; ~cryptorchism, abdominal
Q54 m|Hypospadias|hypospadias; penoscrotal hypospadias; hypospadias, balanic; congenital chordee
Q61|Cystic kidney disease|polycystic kidney disease, autosomal dominant; ADPKD; congenital renal
  cyst ~kidney; medullary cystic kidney; PKD
Q62|Congenital obstructive defects of renal pelvis and congenital malformations of
  ureter|congenital hydronephrosis ~side; congenital UPJ occlusion ~side; duplication of ureter;
  congenital megaureter ~side
Q65|Congenital deformities of hip|DDH ~hip; congenital dislocation of ~hip; developmental
  dysplasia of the hip; clicky ~hip, congenital unstable hip
Q66|Congenital deformities of feet|clubfoot ~side; congenital talipes equinovarus; metatarsus
  varus ~foot, congenital; congenital pes planus
Q69|Polydactyly|extra finger ~hand; polydactyly; accessory toe ~foot; supernumerary digit ~thumb
Q70|Syndactyly|webbed fingers; syndactyly ~hand; fused toes ~foot; webbed toes
Q79|Congenital malformations of musculoskeletal system, not elsewhere classified|gastroschisis;
  exomphalos (omphalocele); congenital diaphragmatic hernia; Ehlers-Danlos syndrome; prune belly
  syndrome
Q85|Phakomatoses, not elsewhere classified|neurofibromatosis type 1; tuberous sclerosis; von
  Recklinghausen disease; Sturge-Weber syndrome; NF1 with cafe au lait spots
Q90|Down syndrome|trisomy 21; Down's syndrome; Down syndrome, translocation; mosaic trisomy 21
Q91|Trisomy 18 and Trisomy 13|Edwards syndrome; Patau syndrome; trisomy 18; trisomy 13,
  nonmosaicism
Q96 f|Turner's syndrome|Turner syndrome; karyotype 45,X; monosomy X; Turner's syndrome, mosaicism
  45,X/46,XX
R00|Abnormalities of heart beat|palpitations; bradycardia, unspecified; tachycardia NOS; fast
  heart rate, unspecified; heart racing, palpitations
R04|Hemorrhage from respiratory passages|nosebleed; epistaxis ~nostril; coughing up blood;
  hemoptysis; bleeding from throat
R05|Cough|chronic cough; dry cough; persistent cough, cause not found; acute cough; nagging cough
R06|Abnormalities of breathing|shortness of breath; dyspnea on exertion; wheezing; SOB;
  hyperventilation; hiccups; stridor
R07|Pain in throat and chest|chest pain; pleuritic chest pain; CP, non-cardiac; precordial pain;
  throat pain; chest tightness and pain NOS
R10|Abdominal and pelvic pain|abdominal pain; RLQ pain; belly ache; epigastric pain; acute
  abdomen; pelvic pain; tummy ache
R11|Nausea and vomiting|nausea and vomiting; N/V; throwing up, cause unclear; nausea alone;
  projectile vomiting; bilious vomiting
R13|Aphagia and dysphagia|difficulty swallowing; dysphagia, oropharyngeal; trouble swallowing
  solids, dysphagia; aphagia; dysphagia, pharyngeal phase
R17|Unspecified jaundice|jaundice NOS; yellow skin and eyes, unspecified jaundice;
  hyperbilirubinemia with jaundice in adult; icterus, cause not known
R19|Other symptoms and signs involving the digestive system and abdomen|diarrhea, unspecified;
  abdominal mass; loose stools NOS; altered bowel habit; halitosis; intra-abdominal swelling, mass
R21|Rash and other nonspecific skin eruption|skin rash; rash NOS; nonspecific skin eruption; red
  rash on trunk, cause unknown
R22|Localized swelling, mass and lump of skin and subcutaneous tissue|lump in neck; localized
  swelling ~arm; subcutaneous nodules; lump ~thigh, not yet diagnosed
R25|Abnormal involuntary movements|tremor, unspecified; muscle cramps; fasciculations; abnormal
  head movements; leg cramp and spasm
R26|Abnormalities of gait and mobility|unsteady gait; ataxic gait; difficulty in walking;
  unsteadiness on feet; staggering gait
R30|Pain associated with micturition|dysuria; painful urination; burning when peeing; vesical
  tenesmus
R31|Hematuria|blood in urine; gross hematuria; microscopic haematuria; frank hematuria; red urine,
  hematuria
R32|Unspecified urinary incontinence|urinary incontinence NOS; leaking urine, unspecified;
  enuresis NOS; unspecified urinary incontinence
R33|Retention of urine|urinary retention; unable to pass urine, acute retention; drug-induced
  retention of urine; AUR, 900 ml drained
R35|Polyuria|frequent urination; nocturia; polyuria; urinary frequency at night
R40|Somnolence, stupor and coma|coma; drowsiness; stupor; GCS 6, comatose; unconscious, somnolent
  then coma
R42|Dizziness and giddiness|dizziness; light-headedness; giddiness; vertigo NOS; feeling dizzy
R47|Speech disturbances, not elsewhere classified|slurred speech; aphasia; dysarthria; dysphasia;
  word-finding trouble, aphasia
R50|Fever of other and unknown origin|fever; pyrexia of unknown origin; FUO; postprocedural fever;
  high temperature, unspecified; febrile, 39.2 C, source unclear
R51|Headache|headache; orthostatic headache NEC; head ache, unspecified; facial pain NOS with
  headache
R53|Malaise and fatigue|fatigue; chronic tiredness, malaise and fatigue; tired all the time;
  generalised weakness; malaise; lethargy
R55|Syncope and collapse|fainting; syncope; vasovagal collapse; blackout; pre-syncope; passed out
  at church
R56|Convulsions, not elsewhere classified|convulsion NOS; seizure, unspecified, no epilepsy
  diagnosis; single unprovoked convulsion; post-traumatic seizure; fits NOS
R57|Shock, not elsewhere classified|cardiogenic shock; hypovolemic shock; circulatory shock NOS;
  shock, unspecified
R60|Edema, not elsewhere classified|leg swelling, oedema; peripheral edema; pitting edema ~ankle;
  generalized edema; anasarca
R63|Symptoms and signs concerning food and fluid intake|loss of appetite; weight loss,
  unintentional; polydipsia; abnormal weight gain; underweight; feeding difficulties; anorexia
  (symptom)
R73|Elevated blood glucose level|prediabetes; impaired fasting glucose; elevated blood sugar NOS;
  abnormal glucose tolerance test; hyperglycemia, unspecified
R91|Abnormal findings on diagnostic imaging of lung|solitary pulmonary nodule ~lung; lung nodule
  on CT; coin lesion ~upper lobe; abnormal shadow on chest x-ray
S00|Superficial injury of head|bruised scalp; contusion of ~eyelid; black eye ~side; abrasion of
  nose; insect bite of scalp, nonvenomous; lip contusion
S01|Open wound of head|scalp laceration; cut to ~eyebrow; laceration of lip; dog bite wound of
  ~cheek; forehead laceration needing sutures
S02|Fracture of skull and facial bones|nasal bone fracture; broken jaw; mandible fracture ~side;
  orbital floor fracture ~side; basal skull fracture; broken nose
S06|Intracranial injury|concussion; traumatic subdural hematoma; brain injury with LOC; epidural
  hemorrhage after trauma; TBI; traumatic SAH
S13|Dislocation and sprain of joints and ligaments at neck level|whiplash; neck sprain; cervical
  spine sprain after rear-end collision; sprain of ligaments of cervical spine
S22|Fracture of rib(s), sternum and thoracic spine|rib fracture ~side; broken ribs ~chest; sternal
  fracture; flail chest; traumatic T12 vertebral fracture
S32|Fracture of lumbar spine and pelvis|pelvic fracture; L1 burst fracture; fracture of ~pubic
  ramus; sacral fracture; coccyx fracture; ~acetabular fracture
S42|Fracture of shoulder and upper arm|broken collarbone ~side; clavicle fracture ~side; proximal
  humerus fracture ~arm; supracondylar fracture of ~humerus; scapula fracture ~side
S43|Dislocation and sprain of joints and ligaments of shoulder girdle|~shoulder dislocation;
  anterior dislocation of ~humerus; AC joint separation ~side; ~rotator cuff capsule sprain
S52|Fracture of forearm|Colles fracture ~wrist; distal radius fracture ~side; broken ~forearm;
  ulna shaft fracture ~arm; olecranon fracture ~elbow; Monteggia fracture ~side
S61|Open wound of wrist, hand and fingers|laceration ~index finger; cut to ~palm; knife wound
  ~hand; cat bite ~thumb; open wound of ~wrist; sliced finger while cooking
S62|Fracture at wrist and hand level|scaphoid fracture ~wrist; boxer's fracture ~hand; broken
  ~thumb; fifth metacarpal fracture ~hand; phalanx fracture ~ring finger
S72|Fracture of femur|hip fracture ~side; NOF fracture ~hip; broken ~thigh bone; intertrochanteric
  fracture ~femur; femoral shaft fracture ~side
S80|Superficial injury of knee and lower leg|bruised ~knee; contusion of ~lower leg; grazed ~knee;
  abrasion ~shin
S82|Fracture of lower leg, including ankle|tib-fib fracture ~leg; ankle fracture ~side;
  bimalleolar fracture ~ankle; broken ~shin; patella fracture ~knee; lateral malleolus fracture
  ~ankle
S83|Dislocation and sprain of joints and ligaments of knee|ACL tear ~knee; torn meniscus ~knee,
  acute injury; MCL sprain ~knee; patellar dislocation ~side; dislocated ~kneecap
S86|Injury of muscle, fascia and tendon at lower leg level|Achilles tendon rupture ~side; strain
  of ~calf muscle; torn ~Achilles; laceration of ~Achilles tendon
S93|Dislocation and sprain of joints and ligaments at ankle, foot and toe level|sprained ~ankle;
  ~ankle sprain, inversion injury; twisted ~ankle; dislocated ~big toe; deltoid ligament sprain
  ~ankle
T15|Foreign body on external eye|corneal foreign body ~eye; metal speck in ~cornea; grit under
  ~eyelid; foreign body in conjunctival sac ~eye
T17|Foreign body in respiratory tract|peanut in ~bronchus; bead stuck in ~nostril; choking on
  food, foreign body in larynx; foreign body in trachea
T24|Burn and corrosion of lower limb, except ankle and foot|second degree burn ~thigh; scald of
  ~lower leg; partial thickness burn ~knee; chemical burn ~calf
T39|Poisoning by, adverse effect of and underdosing of nonopioid analgesics, antipyretics and
  antirheumatics|paracetamol overdose; acetaminophen poisoning; Tylenol overdose; aspirin
  poisoning; ibuprofen overdose; salicylate toxicity
T40|Poisoning by, adverse effect of and underdosing of narcotics and psychodysleptics
  [hallucinogens]|heroin overdose; fentanyl poisoning; cocaine overdose, poisoning; LSD poisoning;
  methadone overdose
T58|Toxic effect of carbon monoxide|carbon monoxide poisoning; CO poisoning from faulty boiler;
  toxic effect of car exhaust carbon monoxide; COHb 28%, carbon monoxide toxicity
T67|Effects of heat and light|heat stroke; heat exhaustion; sunstroke; heat syncope; heat cramp
T68|Hypothermia|accidental hypothermia; core temp 29 C after exposure, hypothermia; temp 30 C
  after falling in cold lake, hypothermia; found outdoors hypothermic
T78|Adverse effects, not elsewhere classified|anaphylaxis to peanuts; anaphylactic shock due to
  food; angioedema; allergic reaction, unspecified; idiopathic anaphylaxis, unspecified
T81|Complications of procedures, not elsewhere classified|wound infection following surgery;
  surgical wound dehiscence; postprocedural hemorrhagic shock; retained swab after operation;
  post-op wound infection
T84|Complications of internal orthopedic prosthetic devices, implants and grafts|loosening of ~hip
  prosthesis; infected ~knee replacement; broken internal fixation screw ~femur; periprosthetic
  dislocation of ~hip prosthesis
V03|Pedestrian injured in collision with car, pick-up truck or van|pedestrian hit by car; struck
  by a pick-up truck while crossing the road on foot; pedestrian vs van; walking along road,
  knocked down by car
V13|Pedal cycle rider injured in collision with car, pick-up truck or van|cyclist hit by car; bike
  vs car collision; cyclist struck by van; pedal cyclist knocked off by pick-up truck
V18|Pedal cycle rider injured in noncollision transport accident|fell off bicycle; cyclist
  overturned, no collision; came off pushbike on gravel; pedal cycle noncollision accident
V23|Motorcycle rider injured in collision with car, pick-up truck or van|motorcyclist hit by car;
  motorbike vs car; motorcycle rider struck by van; biker collided with pick-up truck
V43|Car occupant injured in collision with car, pick-up truck or van|car driver in collision with
  another car; MVC, restrained passenger, car vs car; car occupant hit by van; two-car crash, car
  driver
V47|Car occupant injured in collision with fixed or stationary object|car driver hit tree; car
  into lamp post, passenger; car crashed into wall, driver; car occupant, collision with guard
  rail
W01|Fall on same level from slipping, tripping and stumbling|slipped on wet floor; tripped over
  rug; fall on same level from stumbling; tripped on kerb and fell
W06|Fall from bed|fell out of bed; fall from hospital bed; rolled off the bed; fall from bed at
  nursing home
W10|Fall on and from stairs and steps|fell down stairs; fall from steps; slipped on escalator and
  fell; tumbled down staircase
W11|Fall on and from ladder|fell off ladder; fall from ladder while cleaning gutters; came off a
  stepladder; ladder slipped and he fell
W20|Struck by thrown, projected or falling object|hit by falling brick; struck by object falling
  from shelf; tree branch fell on head; struck by falling box at work
W21|Striking against or struck by sports equipment|hit by baseball; struck by golf ball; hit in
  face with hockey puck; struck by football; hit by swinging baseball bat
W26|Contact with other sharp objects|cut on knife; contact with sword or dagger; cut by kitchen
  knife; cut by edge of stiff paper
W45|Foreign body or object entering through skin|stepped on nail; splinter entered skin; nail
  entering through skin; wood splinter in foot
W54|Bitten or struck by dog|dog bite; bitten by neighbour's dog; struck by dog; attacked by stray
  dog, bitten
W55|Contact with other mammals|cat bite or scratch; kicked by horse; bitten by cow; scratched by
  cat; bitten by pig
W57|Bitten or stung by nonvenomous insect and other nonvenomous arthropods|mosquito bite; bitten
  by nonvenomous insect; flea bites; bitten by tick, nonvenomous arthropod; bed bug bites
X00|Exposure to uncontrolled fire in building or structure|house fire; trapped in burning
  building; smoke in apartment fire; jumped from burning building
X10|Contact with hot drinks, food, fats and cooking oils|spilled hot coffee; splashed by hot
  cooking oil; scalded by hot soup; hot tea pulled onto self
X15|Contact with hot household appliances|touched hot stove; contact with hot iron; burnt on
  toaster; contact with hot saucepan or skillet
X30|Exposure to excessive natural heat|exposed to excessive natural heat; heatwave exposure;
  stayed in the sun for hours, excessive natural heat; working outside in extreme natural heat
X31|Exposure to excessive natural cold|lost in snow, exposure to cold; excessive natural cold
  exposure; out overnight in freezing weather; stranded in blizzard cold
X78|Intentional self-harm by sharp object|intentional self-harm with razor; cut own wrists on
  purpose with a knife; deliberate self-cutting with glass; self-inflicted stab, intentional
Y04|Assault by bodily force|punched in a fight; assault by bodily force; kicked and beaten by
  unknown attacker; unarmed brawl; assaulted with fists
Z00|Encounter for general examination without complaint, suspected or reported diagnosis|annual
  physical; well adult exam; routine child health check; general check-up, no complaints; yearly
  wellness visit
Z01|Encounter for other special examination without complaint, suspected or reported
  diagnosis|routine eye exam; dental check-up; pre-op cardiovascular exam; routine gynecological
  exam with Pap; hearing examination
Z02|Encounter for administrative examination|driving licence medical; sports physical for school;
  pre-employment exam; examination for insurance purposes; medical certificate for school
  admission
Z03|Encounter for medical observation for suspected diseases and conditions ruled out|observation
  for suspected MI, ruled out; suspected toxic ingestion ruled out; observation for suspected
  disease, not found; suspected adverse drug effect ruled out
Z11|Encounter for screening for infectious and parasitic diseases|TB screening; HIV screening;
  screening for STIs; encounter for chlamydia screening, asymptomatic
Z12|Encounter for screening for malignant neoplasms|screening mammogram; screening colonoscopy;
  cervical smear screening for cancer; prostate cancer screening; lung cancer screening CT
Z20|Contact with and (suspected) exposure to communicable diseases|exposure to TB; contact with
  measles case; rabies exposure; exposed to hepatitis B at work, needle stick contact
Z21|Asymptomatic human immunodeficiency virus [HIV] infection status|asymptomatic HIV; HIV
  positive, no symptoms; HIV positive status NOS; asymptomatic HIV infection status on ART
Z23|Encounter for immunization|flu shot; vaccination visit; encounter for immunisation; MMR jab;
  tetanus booster
Z30|Encounter for contraceptive management|birth control pill prescription; IUD insertion;
  contraceptive counselling; Depo-Provera injection for contraception; emergency contraception
Z34 f|Encounter for supervision of normal pregnancy|routine antenatal visit, first pregnancy;
  supervision of normal pregnancy, second trimester; prenatal check, low risk; booking visit,
  normal pregnancy
Z37 f|Outcome of delivery|single live birth; twins, both liveborn; outcome of delivery, single
  stillbirth; outcome of delivery: triplets, all liveborn
Z38 n|Liveborn infants according to place of birth and type of delivery|single liveborn infant,
  born in hospital, vaginal; liveborn infant delivered by cesarean; twin liveborn infant, born in
  hospital; newborn, born at home, liveborn
Z47|Orthopedic aftercare|aftercare following ~knee replacement; removal of internal fixation
  device; orthopedic aftercare following ~hip joint replacement; aftercare following spinal
  surgery (scoliosis)
Z48|Encounter for other postprocedural aftercare|suture removal; dressing change, surgical wound;
  removal of stitches; aftercare following organ transplant
Z51|Encounter for other aftercare and medical care|chemotherapy session; radiotherapy visit;
  palliative care; encounter for antineoplastic chemo; desensitization to allergens
Z59|Problems related to housing and economic circumstances|homeless; living in shelter,
  homelessness; low income; inadequate housing; lack of adequate food
Z63|Other problems related to primary support group, including family circumstances|marital
  problems; divorce stress; caregiver of dependent relative; death of family member; conflict with
  spouse
Z71|Persons encountering health services for other counseling and medical advice, not elsewhere
  classified|dietary counselling; worried well; HIV counseling; alcohol abuse counseling and
  surveillance; person seen on behalf of another
Z76|Persons encountering health services in other circumstances|repeat prescription; medication
  refill; malingerer; issue of repeat prescription only
Z79|Long term (current) drug therapy|long-term anticoagulant use; on warfarin long term; long term
  insulin use; current long-term steroid therapy; long-term aspirin use
Z80|Family history of primary malignant neoplasm|family history of breast cancer; mother had colon
  cancer, FHx; FH of ovarian cancer; family history of leukemia
Z85|Personal history of malignant neoplasm|personal history of breast cancer; hx of colon cancer,
  treated; personal history of melanoma; prostate cancer survivor, personal history
Z88|Allergy status to drugs, medicaments and biological substances|penicillin allergy status;
  allergic to sulfa drugs, status; allergy status to anesthetics; allergy status to narcotic
  agents
Z89|Acquired absence of limb|BKA status ~leg; acquired absence of ~foot; status post ~above knee
  amputation; amputee, ~arm missing below elbow
Z90|Acquired absence of organs, not elsewhere classified|s/p hysterectomy, uterus absent; acquired
  absence of spleen; absence of ~kidney post nephrectomy; acquired absence of ~breast;
  post-mastectomy status
Z95|Presence of cardiac and vascular implants and grafts|pacemaker in situ; presence of coronary
  stent; s/p CABG; ICD in place; prosthetic heart valve present
Z96|Presence of other functional implants|presence of ~hip replacement; cochlear implant in place;
  artificial ~knee joint present; intraocular lens present; THR ~side, status
Z99|Dependence on enabling machines and devices, not elsewhere classified|ventilator dependent;
  dialysis dependence; wheelchair dependence; dependence on supplemental oxygen; home O2 dependent
"""
