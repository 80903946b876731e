"""ICD-10 categories I to N: code and flag, title, ways of saying it; read by medical_words.

A flag is f or m (that sex only), n (newborn) or c (child); "~" stands before what has a side.
"""

from __future__ import annotations

TABLE = """
I05|Rheumatic mitral valve diseases|rheumatic mitral stenosis; mitral stenosis; rheumatic mitral
  insufficiency; RHD with mitral stenosis
I10|Essential (primary) hypertension|high blood pressure; HTN; essential hypertension;
  hypertension, poorly controlled; raised BP on amlodipine, primary hypertension
I11|Hypertensive heart disease|hypertensive heart disease with heart failure; hypertensive
  cardiomegaly; LVH due to hypertension, hypertensive heart disease
I20|Angina pectoris|unstable angina; stable angina; Prinzmetal angina; exertional angina; angina
  pectoris, crescendo
I21|Acute myocardial infarction|heart attack; STEMI; NSTEMI; acute MI; anterior wall STEMI, LAD
  occlusion; acute inferior MI
I24|Other acute ischemic heart diseases|Dressler syndrome; acute coronary insufficiency; coronary
  thrombosis not resulting in MI; acute ischemic heart disease NOS
I25|Chronic ischemic heart disease|CAD; coronary artery disease of native vessel; old MI; ischemic
  cardiomyopathy; three vessel coronary atherosclerosis; chronic IHD
I26|Pulmonary embolism|PE; saddle pulmonary embolus; blood clot in the lung; acute pulmonary
  embolism with cor pulmonale; submassive PE
I30|Acute pericarditis|acute pericarditis; viral pericarditis; idiopathic acute pericarditis;
  acute pericarditis with friction rub
I33|Acute and subacute endocarditis|infective endocarditis; bacterial endocarditis with
  vegetations; SBE; acute endocarditis, Staph aureus
I35|Nonrheumatic aortic valve disorders|aortic stenosis, nonrheumatic; severe AS, calcific; aortic
  regurgitation, nonrheumatic; narrowed aortic valve (degenerative)
I42|Cardiomyopathy|dilated cardiomyopathy; HOCM; hypertrophic obstructive cardiomyopathy;
  alcoholic cardiomyopathy; DCM with EF 20%
I44|Atrioventricular and left bundle-branch block|complete heart block; first degree AV block;
  LBBB; Mobitz II AV block; third degree heart block
I46|Cardiac arrest|cardiac arrest; asystolic arrest; out of hospital cardiac arrest; heart
  stopped, CPR given, cardiac arrest
I47|Paroxysmal tachycardia|SVT; supraventricular tachycardia; ventricular tachycardia; V-tach;
  AVNRT, paroxysmal
I48|Atrial fibrillation and flutter|AF; a-fib with RVR; paroxysmal atrial fibrillation; atrial
  flutter; permanent AF on apixaban
I50|Heart failure|CHF; congestive heart failure; acute on chronic systolic heart failure; HFrEF;
  left ventricular failure; cardiac failure with edema; HFpEF decompensated
I60|Nontraumatic subarachnoid hemorrhage|SAH from ruptured berry aneurysm; subarachnoid
  haemorrhage, nontraumatic; aneurysmal SAH; ruptured MCA aneurysm with SAH
I61|Nontraumatic intracerebral hemorrhage|hemorrhagic stroke; ICH, ~basal ganglia; spontaneous
  intracerebral haemorrhage; brain bleed ~thalamus, hypertensive; pontine hemorrhage
I63|Cerebral infarction|ischemic stroke; CVA, ~MCA territory; lacunar infarct; embolic stroke
  ~hemisphere; ~MCA infarction; cerebral infarct due to carotid thrombosis
I70|Atherosclerosis|peripheral arterial atherosclerosis of legs with claudication; atherosclerosis
  of aorta; renal artery atherosclerosis; atherosclerosis of native arteries of ~leg with
  ulceration
I71|Aortic aneurysm and dissection|AAA; abdominal aortic aneurysm, ruptured; type A aortic
  dissection; thoracic aortic aneurysm; infrarenal AAA 5.8 cm
I73|Other peripheral vascular diseases|Raynaud's syndrome; PVD; intermittent claudication NOS;
  peripheral vascular disease, unspecified; Buerger disease
I80|Phlebitis and thrombophlebitis|superficial thrombophlebitis ~leg; phlebitis of ~femoral vein;
  thrombophlebitis of saphenous vein ~side; inflamed vein ~calf, phlebitis
I82|Other venous embolism and thrombosis|DVT ~leg; deep vein thrombosis ~calf; acute embolism and
  thrombosis of ~popliteal vein; Budd-Chiari syndrome; subclavian vein thrombosis ~side
I83|Varicose veins of lower extremities|varicose veins ~leg; varicose ulcer ~ankle; varicose veins
  of ~lower extremity with pain; stasis ulcer in varicose veins
I95|Hypotension|low blood pressure; orthostatic hypotension; drug-induced hypotension; postural
  hypotension on standing
J00|Acute nasopharyngitis [common cold]|common cold; acute rhinitis; acute coryza; head cold with
  runny nose
J01|Acute sinusitis|acute maxillary sinusitis; acute sinus infection; acute frontal sinusitis;
  acute pansinusitis; ~maxillary sinusitis, acute
J02|Acute pharyngitis|strep throat; acute pharyngitis; sore throat, acute streptococcal
  pharyngitis; acute viral pharyngitis
J03|Acute tonsillitis|acute tonsillitis; streptococcal tonsillitis; follicular tonsillitis, acute;
  recurrent acute tonsillitis
J04|Acute laryngitis and tracheitis|acute laryngitis; lost voice, acute laryngitis; acute
  tracheitis; acute laryngotracheitis
J05|Acute obstructive laryngitis [croup] and epiglottitis|croup; barking cough, croup; acute
  epiglottitis; obstructive laryngitis with stridor
J06|Acute upper respiratory infections of multiple and unspecified sites|URI; URTI; upper
  respiratory tract infection; acute laryngopharyngitis; viral upper respiratory infection
J10|Influenza due to other identified influenza virus|influenza A, lab confirmed; flu, influenza B
  positive swab; influenza A with pneumonia; seasonal influenza virus identified
J12|Viral pneumonia, not elsewhere classified|RSV pneumonia; viral pneumonia; adenoviral
  pneumonia; pneumonia due to SARS-associated coronavirus; parainfluenza pneumonia
J13|Pneumonia due to Streptococcus pneumoniae|pneumococcal pneumonia; Strep pneumoniae lobar
  pneumonia; pneumonia due to pneumococcus; S. pneumoniae pneumonia ~lower lobe
J18|Pneumonia, unspecified organism|pneumonia; CAP ~lower lobe, organism unknown; bronchopneumonia
  NOS; lobar pneumonia, unspecified; community acquired pneumonia
J20|Acute bronchitis|acute bronchitis; chest cold, acute bronchitis; acute bronchitis due to RSV;
  acute tracheobronchitis
J21|Acute bronchiolitis|bronchiolitis; RSV bronchiolitis; acute bronchiolitis due to human
  metapneumovirus; wheezy infant with bronchiolitis
J30|Vasomotor and allergic rhinitis|hay fever; allergic rhinitis due to pollen; seasonal
  allergies, rhinitis; vasomotor rhinitis; perennial allergic rhinitis
J32|Chronic sinusitis|chronic sinusitis; chronic maxillary sinusitis; chronic pansinusitis;
  long-standing sinus infection, chronic ethmoidal sinusitis
J33|Nasal polyp|nasal polyps; polyp of nasal cavity ~side; polypoid sinus degeneration;
  antrochoanal polyp ~nostril
J34|Other and unspecified disorders of nose and nasal sinuses|deviated septum; deviated nasal
  septum to ~side; turbinate hypertrophy; mucocele of nasal sinus
J35|Chronic diseases of tonsils and adenoids|chronic tonsillitis; enlarged tonsils; adenoid
  hypertrophy; hypertrophy of tonsils with adenoids; tonsillolith
J36|Peritonsillar abscess|quinsy; peritonsillar abscess ~side; PTA with trismus and hot potato
  voice; abscess of tonsil
J42|Unspecified chronic bronchitis|chronic bronchitis NOS; chronic bronchitis, unspecified;
  chronic tracheobronchitis; long-term chronic tracheitis
J43|Emphysema|emphysema; panlobular emphysema; centrilobular emphysema; emphysematous bleb ~apex;
  pulmonary emphysema
J44|Other chronic obstructive pulmonary disease|COPD; COPD exacerbation; AECOPD; chronic
  obstructive airway disease; COPD with acute lower respiratory infection
J45|Asthma|asthma attack; bronchial asthma; mild intermittent asthma; exercise-induced
  bronchospasm; status asthmaticus; wheezing asthmatic, acute exacerbation
J47|Bronchiectasis|bronchiectasis; bronchiectasis with exacerbation; cylindrical bronchiectasis
  ~lower lobe; dilated bronchi with chronic sputum, bronchiectasis
J69|Pneumonitis due to solids and liquids|aspiration pneumonia; aspiration pneumonitis, gastric
  contents; pneumonia due to inhalation of vomit; lipoid pneumonia from aspirated oils
J81|Pulmonary edema|acute pulmonary oedema; flash pulmonary edema, non-cardiogenic; chronic
  pulmonary edema; fluid in the lungs, acute pulmonary edema
J84|Other interstitial pulmonary diseases|idiopathic pulmonary fibrosis; IPF; ILD, unspecified;
  interstitial lung disease; cryptogenic organizing pneumonia
J90|Pleural effusion, not elsewhere classified|~pleural effusion; fluid around ~lung; encysted
  pleurisy; pleural effusion NOS
J93|Pneumothorax and air leak|~pneumothorax; collapsed ~lung, spontaneous pneumothorax; tension
  pneumothorax, spontaneous; primary spontaneous PTX ~side
J96|Respiratory failure, not elsewhere classified|acute respiratory failure with hypoxia; type 2
  respiratory failure; acute on chronic resp failure; hypercapnic respiratory failure
K02|Dental caries|tooth decay; dental caries; cavities in molars; caries extending into dentine;
  dental caries on smooth surface
K04|Diseases of pulp and periapical tissues|pulpitis; dental abscess, periapical; radicular cyst;
  necrosis of dental pulp; tooth root abscess
K05|Gingivitis and periodontal diseases|gum disease; gingivitis; chronic periodontitis; bleeding
  gums due to plaque gingivitis; acute pericoronitis
K12|Stomatitis and related lesions|canker sore; recurrent oral aphthae; mouth ulcers, aphthous;
  stomatitis; oral mucositis
K20|Esophagitis|eosinophilic esophagitis; oesophagitis without bleeding; esophagitis NOS; EoE
K21|Gastro-esophageal reflux disease|GERD; acid reflux; GORD with oesophagitis; reflux disease;
  gastro-esophageal reflux without esophagitis
K25|Gastric ulcer|gastric ulcer; bleeding stomach ulcer; perforated gastric ulcer; acute gastric
  ulcer with hemorrhage; ulcer of antrum (gastric)
K26|Duodenal ulcer|duodenal ulcer; perforated DU; chronic duodenal ulcer with hemorrhage; ulcer in
  the duodenum, H. pylori
K29|Gastritis and duodenitis|gastritis; acute erosive gastritis with bleeding; alcoholic
  gastritis; duodenitis; chronic atrophic gastritis
K30|Functional dyspepsia|indigestion; functional dyspepsia; dyspepsia NOS after meals; non-ulcer
  dyspepsia, functional
K35|Acute appendicitis|appendicitis, acute; ruptured appendix with peritonitis; acute appendicitis
  with abscess; acute appendicitis, RIF tenderness
K40|Inguinal hernia|~inguinal hernia; groin hernia ~side; bilateral inguinal hernia; incarcerated
  ~inguinal hernia; direct inguinal hernia
K42|Umbilical hernia|umbilical hernia; hernia at belly button; incarcerated umbilical hernia;
  paraumbilical hernia with obstruction
K43|Ventral hernia|incisional hernia; ventral hernia; parastomal hernia; epigastric hernia
K44|Diaphragmatic hernia|hiatal hernia; hiatus hernia, sliding; paraesophageal hernia;
  diaphragmatic hernia without obstruction
K50|Crohn's disease [regional enteritis]|Crohn disease of ileum; Crohn's flare; terminal ileitis
  (Crohn's); regional enteritis; Crohn disease with fistula
K51|Ulcerative colitis|ulcerative colitis; UC flare; ulcerative pancolitis; ulcerative proctitis;
  left-sided ulcerative colitis
K56|Paralytic ileus and intestinal obstruction without hernia|small bowel obstruction; SBO due to
  adhesions; paralytic ileus; volvulus of sigmoid; intussusception; fecal impaction
K57|Diverticular disease of intestine|diverticulitis of sigmoid colon; diverticulosis; perforated
  diverticulitis with abscess; diverticular bleed
K58|Irritable bowel syndrome|IBS; irritable bowel syndrome with diarrhea; IBS-C; spastic colon;
  irritable colon
K59|Other functional intestinal disorders|constipation; chronic idiopathic constipation;
  functional diarrhea; slow transit constipation; neurogenic bowel
K60|Fissure and fistula of anal and rectal regions|anal fissure; acute anal fissure; fistula in
  ano; chronic anal fissure with pain on defecation
K64|Hemorrhoids and perianal venous thrombosis|piles; hemorrhoids; thrombosed external
  haemorrhoid; third degree hemorrhoids; internal haemorrhoids
K70|Alcoholic liver disease|alcoholic cirrhosis; alcoholic hepatitis; alcoholic fatty liver; ALD
  with ascites; cirrhosis due to alcohol
K74|Fibrosis and cirrhosis of liver|cirrhosis of liver, cryptogenic; primary biliary cholangitis;
  hepatic fibrosis; liver cirrhosis NOS; PBC
K80|Cholelithiasis|gallstones; cholelithiasis; acute calculous cholecystitis; choledocholithiasis;
  biliary colic with gallstones; stone in the bile duct
K81|Cholecystitis|acute cholecystitis without stones; acalculous cholecystitis; chronic
  cholecystitis; empyema of gallbladder without calculus
K85|Acute pancreatitis|acute pancreatitis; gallstone pancreatitis, acute; alcohol induced acute
  pancreatitis; acute necrotizing pancreatitis, lipase 2400
K92|Other diseases of digestive system|GI bleed, unspecified; melena; hematemesis; vomiting blood
  (haematemesis); black tarry stool, melaena
L01|Impetigo|impetigo; bullous impetigo; honey-coloured crusts round mouth, impetigo;
  impetiginization of other dermatoses
L02|Cutaneous abscess, furuncle and carbuncle|boil on ~buttock; skin abscess ~axilla; carbuncle of
  neck; furuncle ~groin; abscess of back
L03|Cellulitis and acute lymphangitis|cellulitis ~leg; cellulitis of ~foot; infected paronychia
  ~thumb (cellulitis of finger); facial cellulitis; acute lymphangitis ~arm
L05|Pilonidal cyst and sinus|pilonidal abscess; pilonidal cyst; pilonidal sinus without abscess;
  infected pilonidal sinus
L20|Atopic dermatitis|atopic eczema; atopic dermatitis flare; flexural eczema; infantile eczema;
  Besnier's prurigo
L21|Seborrheic dermatitis|dandruff; seborrhoeic dermatitis of scalp; cradle cap; seborrheic
  infantile dermatitis
L22 c|Diaper dermatitis|diaper rash; nappy rash; diaper dermatitis; napkin erythema, psoriasiform
L23|Allergic contact dermatitis|nickel allergy, contact dermatitis; poison ivy rash, allergic
  contact dermatitis; allergic contact dermatitis due to cosmetics; allergic contact dermatitis
  from hair dye
L29|Pruritus|pruritus ani; itching of skin, pruritus NOS; pruritus vulvae; generalised itch
  without rash, pruritus
L30|Other and unspecified dermatitis|nummular eczema; dermatitis, unspecified; pompholyx
  (dyshidrosis); eczema NOS; discoid eczema
L40|Psoriasis|plaque psoriasis; psoriasis vulgaris; guttate psoriasis; psoriatic arthritis; scaly
  silvery plaques on elbows, psoriasis
L43|Lichen planus|lichen planus; hypertrophic lichen planus; bullous lichen planus; subacute
  (active) lichen planus
L50|Urticaria|hives; allergic urticaria; chronic idiopathic urticaria; dermatographic urticaria;
  cholinergic urticaria
L60|Nail disorders|ingrown toenail ~big toe; ingrowing nail ~hallux; onycholysis; Beau's lines;
  onychogryphosis
L63|Alopecia areata|alopecia areata; alopecia totalis; patchy hair loss, alopecia areata; alopecia
  universalis; ophiasis
L70|Acne|acne vulgaris; cystic acne on face and back; acne conglobata; spots on chin, acne
L71|Rosacea|rosacea; rhinophyma; perioral dermatitis; red flushed cheeks with papules, rosacea
L72|Follicular cysts of skin and subcutaneous tissue|sebaceous cyst; epidermal cyst of back; pilar
  cyst of scalp; epidermoid cyst ~cheek; trichilemmal cyst
L73|Other follicular disorders|hidradenitis suppurativa; acne keloid; pseudofolliculitis barbae
  (razor bumps); HS of ~axilla
L80|Vitiligo|vitiligo; depigmented patches on hands, vitiligo; segmental vitiligo; generalized
  vitiligo
L89|Pressure ulcer|bedsore on sacrum; pressure ulcer of sacral region, stage 3; decubitus ulcer
  ~heel; pressure sore ~hip, stage II
L91|Hypertrophic disorders of skin|keloid scar; hypertrophic scar ~shoulder; keloid of earlobe;
  overgrown raised scar, keloid
L97|Non-pressure chronic ulcer of lower limb, not elsewhere classified|chronic ulcer ~calf;
  non-pressure chronic ulcer of ~ankle; chronic leg ulcer ~shin, not varicose; non-healing ulcer
  of ~foot, non-pressure
M00|Pyogenic arthritis|septic arthritis ~knee; pyogenic arthritis of ~hip; staphylococcal
  arthritis ~shoulder; infected ~ankle joint, pyogenic arthritis
M05|Rheumatoid arthritis with rheumatoid factor|seropositive RA; rheumatoid arthritis with
  positive rheumatoid factor; Felty's syndrome; RF positive rheumatoid arthritis of ~wrist
M10|Gout|gout ~big toe; acute gouty arthritis; podagra; idiopathic gout ~ankle; drug-induced gout
  ~foot
M16|Osteoarthritis of hip|~hip OA; coxarthrosis; osteoarthritis ~hip; primary osteoarthritis of
  ~hip; worn out ~hip joint, degenerative arthritis
M17|Osteoarthritis of knee|~knee OA; gonarthrosis; degenerative joint disease ~knee; primary
  osteoarthritis ~knee; wear and tear arthritis of ~knee
M20|Acquired deformities of fingers and toes|hallux valgus ~foot; outward tilted ~big toe, hallux
  valgus; hammer toe ~second toe; mallet finger ~hand; hallux rigidus ~foot
M25|Other joint disorder, not elsewhere classified|~knee pain; joint stiffness ~shoulder; ~hip
  pain; effusion ~ankle joint; pain in ~elbow joint
M32|Systemic lupus erythematosus (SLE)|SLE; lupus; lupus nephritis; systemic lupus erythematosus
  with malar rash; drug-induced lupus
M34|Systemic sclerosis [scleroderma]|scleroderma; systemic sclerosis; CREST syndrome; progressive
  systemic sclerosis with lung involvement
M41|Scoliosis|adolescent idiopathic scoliosis; scoliosis of thoracolumbar spine; curvature of the
  spine, scoliosis; neuromuscular scoliosis
M45|Ankylosing spondylitis|ankylosing spondylitis; AS, HLA-B27 positive spondylitis; bamboo spine,
  ankylosing spondylitis; axial spondylitis, ankylosing
M48|Other spondylopathies|spinal stenosis, lumbar; cervical spinal stenosis; DISH (ankylosing
  hyperostosis); lumbar canal stenosis with claudication
M50|Cervical disc disorders|cervical disc herniation C5-6; slipped disc in neck; cervical disc
  degeneration; cervical disc disorder with radiculopathy
M51|Thoracic, thoracolumbar, and lumbosacral intervertebral disc disorders|slipped disc L4-5;
  lumbar disc herniation with radiculopathy; herniated disc L5-S1; lumbar disc degeneration;
  prolapsed lumbar disc
M54|Dorsalgia|low back pain; sciatica ~side; neck pain (cervicalgia); lumbago; thoracic back pain;
  LBP
M62|Other disorders of muscle|rhabdomyolysis; muscle spasm of calf; muscle wasting and atrophy
  ~thigh; sarcopenia; muscle weakness, generalized
M65|Synovitis and tenosynovitis|trigger finger ~ring finger; de Quervain tenosynovitis ~wrist
  (radial styloid); tenosynovitis ~hand; calcific tendinitis ~forearm
M70|Soft tissue disorders related to use, overuse and pressure|olecranon bursitis ~elbow;
  prepatellar bursitis ~knee; trochanteric bursitis ~hip; housemaid's knee ~side
M72|Fibroblastic disorders|plantar fasciitis ~foot; Dupuytren's contracture ~hand; necrotizing
  fasciitis ~thigh; heel pain, plantar fascial fibromatosis
M75|Shoulder lesions|rotator cuff tear ~shoulder, non-traumatic; frozen shoulder ~side; adhesive
  capsulitis ~shoulder; impingement syndrome ~shoulder; subacromial bursitis ~side
M77|Other enthesopathies|tennis elbow ~side; lateral epicondylitis ~elbow; golfer's elbow ~arm;
  calcaneal spur ~foot; medial epicondylitis ~elbow
M79|Other and unspecified soft tissue disorders, not elsewhere classified|fibromyalgia; myalgia;
  pain in ~leg; pain in ~hand and fingers; foot pain ~side; muscle aches, myalgia
M80|Osteoporosis with current pathological fracture|osteoporotic vertebral fracture; age-related
  osteoporosis with current pathological fracture of ~femur; postmenopausal osteoporosis with
  fracture ~wrist, pathological; fragility fracture, osteoporotic ~forearm
M81|Osteoporosis without current pathological fracture|osteoporosis; postmenopausal osteoporosis;
  thin bones, T-score -3.1; age-related osteoporosis without current fracture; senile osteoporosis
M86|Osteomyelitis|osteomyelitis ~foot; acute hematogenous osteomyelitis ~tibia; chronic
  osteomyelitis ~ankle; bone infection ~femur
N04|Nephrotic syndrome|nephrotic syndrome; minimal change nephrotic syndrome; membranous
  nephropathy with nephrotic syndrome; lipoid nephrosis
N10|Acute pyelonephritis|kidney infection, acute; acute pyelonephritis ~side; acute pyelitis;
  fever with ~flank pain, acute pyelonephritis
N13|Obstructive and reflux uropathy|~hydronephrosis; vesicoureteral reflux; obstructive uropathy
  ~side; pyonephrosis; hydroureter ~side; ureteropelvic junction obstruction with hydronephrosis
N17|Acute kidney failure|AKI; acute renal failure; acute tubular necrosis; ATN; acute kidney
  injury on admission, creatinine 4.1
N18|Chronic kidney disease (CKD)|CKD stage 3; ESRD on dialysis; end stage renal disease; chronic
  renal failure; stage 4 chronic kidney disease
N20|Calculus of kidney and ureter|kidney stone ~side; ~nephrolithiasis; ureteric calculus ~VUJ;
  staghorn calculus ~kidney; ureterolithiasis ~side
N21|Calculus of lower urinary tract|bladder stone; urethral calculus; vesical calculus; calculus
  in bladder diverticulum
N30|Cystitis|acute cystitis with hematuria; bladder infection, acute cystitis; interstitial
  cystitis; radiation cystitis; cystitis
N32|Other disorders of bladder|bladder neck obstruction; overactive bladder; OAB; vesicointestinal
  fistula; bladder diverticulum
N39|Other disorders of urinary system|UTI; urinary tract infection, site not specified; stress
  incontinence; water infection NOS, UTI
N40 m|Benign prostatic hyperplasia|BPH; enlarged prostate; BPH with LUTS; benign prostatic
  hypertrophy; prostatic enlargement with weak stream
N41 m|Inflammatory diseases of prostate|acute prostatitis; chronic prostatitis; prostatic abscess;
  tender boggy prostate, acute prostatitis
N43 m|Hydrocele and spermatocele|hydrocele ~testis; spermatocele of epididymis; ~hydrocele;
  encysted hydrocele
N44 m|Noninflammatory disorders of testis|testicular torsion ~side; torsion of ~testis; twisted
  ~testicle; torsion of appendix testis
N45 m|Orchitis and epididymitis|epididymo-orchitis ~side; epididymitis; orchitis ~testicle;
  swollen tender ~epididymis, epididymitis
N47 m|Disorders of prepuce|phimosis; paraphimosis; tight foreskin, phimosis; adherent prepuce;
  balanoposthitis
N52 m|Male erectile dysfunction|ED; erectile dysfunction; impotence due to arterial insufficiency;
  drug-induced erectile dysfunction
N60 f|Benign mammary dysplasia|fibrocystic breast disease; solitary cyst of ~breast; fibroadenosis
  ~breast; mammary duct ectasia ~breast
N61|Inflammatory disorders of breast|breast abscess ~side; nonpuerperal mastitis ~breast; mastitis
  without abscess, not postpartum; carbuncle of ~breast
N70 f|Salpingitis and oophoritis|acute salpingitis; tubo-ovarian abscess ~side; hydrosalpinx
  ~side; salpingo-oophoritis
N73 f|Other female pelvic inflammatory diseases|PID; pelvic inflammatory disease; acute
  parametritis; pelvic peritoneal adhesions, female
N76 f|Other inflammation of vagina and vulva|bacterial vaginosis; acute vaginitis; vulvitis;
  vulvar abscess; BV, fishy discharge
N80 f|Endometriosis|endometriosis; adenomyosis; endometriosis of ~ovary; chocolate cyst of ~ovary,
  endometriotic; endometriosis of rectovaginal septum
N81 f|Female genital prolapse|uterine prolapse; cystocele; rectocele; prolapsed womb; incomplete
  uterovaginal prolapse
N83 f|Noninflammatory disorders of ovary, fallopian tube and broad ligament|ovarian cyst ~side;
  follicular cyst of ~ovary; corpus luteum cyst ~side; ~ovarian torsion
N92 f|Excessive, frequent and irregular menstruation|menorrhagia; heavy periods; irregular menses;
  heavy menstrual bleeding, regular cycle; polymenorrhea
N94 f|Pain and other conditions associated with female genital organs and menstrual
  cycle|dysmenorrhea; period pain; mittelschmerz; dyspareunia; PMS (premenstrual tension syndrome)
N97 f|Female infertility|female infertility; anovulatory infertility; tubal factor infertility;
  unable to conceive for 2 years, female infertility
"""
