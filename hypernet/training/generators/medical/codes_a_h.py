"""ICD-10 categories A to H: code and flag, title, ways of saying it; read by medical_words.

A flag is f or m (that sex only), n (newborn) or c (child); "~" stands before what has a side.
"""

from __future__ import annotations

TABLE = """
A02|Other salmonella infections|salmonella food poisoning; Salmonella enteritis; nontyphoidal
  salmonella sepsis; salmonella gastroenteritis after eating undercooked chicken
A04|Other bacterial intestinal infections|C. diff colitis; Clostridioides difficile diarrhea;
  Campylobacter enteritis; E. coli O157 bowel infection; recurrent C difficile enterocolitis
A08|Viral and other specified intestinal infections|norovirus gastroenteritis; rotavirus
  enteritis; viral gastroenteritis; viral stomach flu with vomiting and diarrhea
A09|Infectious gastroenteritis and colitis, unspecified|infectious diarrhea NOS; infectious
  gastroenteritis, organism not identified; septic enteritis NOS; infectious colitis unspecified
A15|Respiratory tuberculosis|pulmonary TB; sputum smear positive tuberculosis of lung; cavitary TB
  of the lung; tuberculous pleurisy; active lung tuberculosis
A37|Whooping cough|pertussis; Bordetella pertussis infection; whooping cough in unvaccinated
  child; paroxysmal cough with whoop, pertussis PCR positive
A38|Scarlet fever|scarlatina; scarlet fever with sandpaper rash; uncomplicated scarlet fever;
  group A strep with scarlatiniform rash, scarlet fever
A41|Other sepsis|E. coli sepsis; MRSA sepsis; sepsis, unspecified organism; septicemia NOS;
  gram-negative sepsis; blood poisoning with Staph aureus bacteremic sepsis
A46|Erysipelas|erysipelas of ~lower leg; facial erysipelas; recurrent erysipelas; erysipelas with
  sharply raised red border
A51|Early syphilis|primary syphilis with chancre; secondary syphilis with palmar rash; early
  latent syphilis; syphilitic chancre of genitals
A54|Gonococcal infection|gonorrhea; gonococcal urethritis; GC infection of cervix; the clap,
  purulent discharge, culture grew N. gonorrhoeae
A56|Other sexually transmitted chlamydial diseases|chlamydia; chlamydial urethritis; chlamydial
  cervicitis; genital Chlamydia trachomatis NAAT positive
A60|Anogenital herpesviral [herpes simplex] infections|genital herpes; HSV-2 outbreak on genitals;
  anogenital herpes simplex; perianal herpes simplex ulcers
A69|Other spirochetal infections|Lyme disease; erythema migrans after tick bite, Lyme borreliosis;
  Lyme arthritis; neuroborreliosis (Lyme)
A87|Viral meningitis|enteroviral meningitis; viral meningitis, unspecified; adenoviral meningitis;
  aseptic meningitis due to enterovirus
A90|Dengue fever [classical dengue]|dengue; classical dengue fever; breakbone fever, NS1 antigen
  positive; dengue without hemorrhage
B00|Herpesviral [herpes simplex] infections|cold sore; herpes labialis; HSV keratitis ~eye;
  herpetic gingivostomatitis; herpes simplex encephalitis; eczema herpeticum
B01|Varicella [chickenpox]|chickenpox; varicella without complication; chicken pox vesicles all
  over trunk; varicella pneumonia
B02|Zoster [herpes zoster]|shingles; herpes zoster T6 dermatome; zoster ophthalmicus ~side;
  post-herpetic neuralgia; painful band-like rash, shingles
B05|Measles|measles; rubeola with Koplik spots; measles complicated by pneumonia; measles without
  complication
B07|Viral warts|plantar wart ~foot; common warts on fingers; verruca vulgaris; verruca plantaris
B08|Other viral infections characterized by skin and mucous membrane lesions, not elsewhere
  classified|hand, foot and mouth disease; HFMD; molluscum contagiosum; fifth disease (erythema
  infectiosum); roseola infantum
B15|Acute hepatitis A|hep A; acute hepatitis A without hepatic coma; HAV infection after
  shellfish; hepatitis A IgM positive, jaundiced
B16|Acute hepatitis B|acute hep B; acute HBV infection; acute hepatitis B without delta agent;
  newly acquired acute hepatitis B with jaundice
B18|Chronic viral hepatitis|chronic hep C; chronic HBV carrier state with active hepatitis,
  chronic viral hepatitis B; HCV genotype 1a, chronic; chronic viral hepatitis C
B20|Human immunodeficiency virus [HIV] disease|AIDS; HIV disease with low CD4; symptomatic HIV
  infection; HIV with Kaposi sarcoma and wasting
B26|Mumps|mumps; mumps orchitis; epidemic parotitis; mumps without complication; swollen cheeks,
  mumps IgM positive
B27|Infectious mononucleosis|mono; glandular fever; EBV mononucleosis; infectious mono, monospot
  positive; kissing disease
B35|Dermatophytosis|athlete's foot; tinea pedis; ringworm of scalp; jock itch; onychomycosis of
  toenails (tinea unguium); tinea corporis
B37|Candidiasis|oral thrush; vaginal yeast infection; candidal intertrigo; vulvovaginal
  candidiasis; esophageal candidiasis
B50|Plasmodium falciparum malaria|falciparum malaria; cerebral malaria, P. falciparum; severe P.
  falciparum malaria after travel to Ghana; Plasmodium falciparum malaria, unspecified
B80|Enterobiasis|pinworms; threadworm infection; Enterobius vermicularis; itchy bottom at night,
  pinworm tape test positive
B85|Pediculosis and phthiriasis|head lice; pubic lice; nits in hair, pediculosis capitis; crabs
  (phthiriasis)
B86|Scabies|scabies; Sarcoptes mite infestation with burrows; crusted scabies; Norwegian scabies;
  itchy burrows between fingers, scabies
C15|Malignant neoplasm of esophagus|esophageal cancer; adenocarcinoma of lower third of esophagus;
  squamous cell ca of oesophagus; cancer of the gullet
C16|Malignant neoplasm of stomach|gastric adenocarcinoma; stomach cancer; ca gastric antrum;
  linitis plastica (gastric carcinoma)
C18|Malignant neoplasm of colon|colon cancer; adenocarcinoma of sigmoid colon; cecal carcinoma;
  malignant tumour of ascending colon; ca transverse colon
C20|Malignant neoplasm of rectum|rectal cancer; adenocarcinoma of rectum; rectal ca, low anterior
  resection planned; malignant tumour of rectal ampulla
C22|Malignant neoplasm of liver and intrahepatic bile ducts|hepatocellular carcinoma; HCC; primary
  liver cancer; intrahepatic cholangiocarcinoma; hepatoma in cirrhotic liver
C25|Malignant neoplasm of pancreas|pancreatic cancer; ca head of pancreas; pancreatic ductal
  adenocarcinoma; malignant tumor of tail of pancreas
C34|Malignant neoplasm of bronchus and lung|lung cancer; NSCLC ~upper lobe; bronchogenic
  carcinoma; small cell lung ca; adenocarcinoma of ~lung
C43|Malignant melanoma of skin|melanoma of ~shoulder; malignant melanoma on back; cutaneous
  melanoma, Breslow 1.2 mm; melanoma of scalp
C44|Other and unspecified malignant neoplasm of skin|BCC of nose; basal cell carcinoma of ~cheek;
  squamous cell carcinoma of skin of ear; skin cancer, non-melanoma
C50 f|Malignant neoplasm of breast|breast cancer; ~breast ca, ER positive; invasive ductal
  carcinoma of ~breast; malignant neoplasm of upper-outer quadrant of ~female breast; triple
  negative breast carcinoma
C53 f|Malignant neoplasm of cervix uteri|cervical cancer; ca cervix stage IB; squamous cell
  carcinoma of uterine cervix; adenocarcinoma of endocervix
C54 f|Malignant neoplasm of corpus uteri|endometrial cancer; womb cancer; endometrioid
  adenocarcinoma of endometrium; carcinoma of body of uterus
C56 f|Malignant neoplasm of ovary|ovarian cancer; high grade serous carcinoma of ~ovary; ~ovarian
  ca; malignant ovarian tumour
C61 m|Malignant neoplasm of prostate|prostate cancer; ca prostate Gleason 7; adenocarcinoma of the
  prostate; prostatic carcinoma with rising PSA
C62 m|Malignant neoplasm of testis|testicular cancer; seminoma of ~testis; nonseminomatous germ
  cell tumour of ~testicle; ~testicular malignancy
C64|Malignant neoplasm of kidney, except renal pelvis|renal cell carcinoma; ~kidney cancer; clear
  cell RCC ~kidney; hypernephroma
C67|Malignant neoplasm of bladder|bladder cancer; urothelial carcinoma of bladder; TCC of the
  urinary bladder; muscle invasive bladder ca
C71|Malignant neoplasm of brain|glioblastoma; brain cancer; GBM of ~frontal lobe; malignant
  astrocytoma of ~temporal lobe
C73|Malignant neoplasm of thyroid gland|papillary thyroid carcinoma; thyroid cancer; medullary
  thyroid ca; follicular carcinoma of the thyroid
C78|Secondary malignant neoplasm of respiratory and digestive organs|liver mets; lung metastases;
  metastatic disease to liver; secondary cancer of ~lung; malignant pleural deposits, metastatic
C79|Secondary malignant neoplasm of other and unspecified sites|brain mets; bone metastases;
  metastatic cancer to spine; secondary malignant deposits in bone; adrenal metastasis
C81|Hodgkin lymphoma|Hodgkin's disease; nodular sclerosing Hodgkin lymphoma; classical Hodgkin
  lymphoma, mixed cellularity; HL with Reed-Sternberg cells
C90|Multiple myeloma and malignant plasma cell neoplasms|multiple myeloma; myeloma in relapse;
  solitary plasmacytoma; plasma cell leukemia; IgG kappa myeloma
C91|Lymphoid leukemia|ALL; chronic lymphocytic leukaemia; CLL Rai stage 0; acute lymphoblastic
  leukemia in remission
C92|Myeloid leukemia|AML; acute myeloid leukaemia; CML, BCR-ABL positive; acute promyelocytic
  leukemia
D05 f|Carcinoma in situ of breast|DCIS ~breast; ductal carcinoma in situ; lobular carcinoma in
  situ of ~breast; intraductal carcinoma in situ of ~breast
D12|Benign neoplasm of colon, rectum, anus and anal canal|colonic adenoma; tubular adenoma of
  sigmoid colon; benign adenomatous polyp of ascending colon; benign rectal adenoma
D17|Benign lipomatous neoplasm|lipoma of back; fatty lump ~shoulder, lipoma; subcutaneous lipoma
  ~arm; benign fatty tumour of trunk
D22|Melanocytic nevi|benign mole on back; melanocytic naevus ~arm; dysplastic nevus of trunk;
  pigmented naevus of ~cheek
D25 f|Leiomyoma of uterus|uterine fibroids; fibroid uterus; intramural leiomyoma of uterus;
  submucous fibroid with heavy bleeding
D32|Benign neoplasm of meninges|meningioma; benign cerebral meningioma; parasagittal meningioma
  ~side; spinal meningioma, benign
D50|Iron deficiency anemia|iron deficiency anaemia; IDA; low ferritin microcytic anemia; anemia
  from chronic blood loss, iron deficient; sideropenic anemia
D51|Vitamin B12 deficiency anemia|pernicious anemia; B12 deficiency anaemia; vegan with vitamin
  B12 deficiency anemia; megaloblastic anaemia due to intrinsic factor deficiency
D52|Folate deficiency anemia|folate deficiency anaemia; dietary folic acid deficiency anemia;
  methotrexate-induced folate deficiency anemia; macrocytic anaemia, low folate
D55|Anemia due to enzyme disorders|G6PD deficiency anemia; favism with hemolysis; anaemia due to
  pyruvate kinase deficiency; glucose-6-phosphate dehydrogenase deficiency with anaemia
D56|Thalassemia|beta thalassemia major; thalassaemia trait; alpha thalassemia; Cooley's anemia
D57|Sickle-cell disorders|sickle cell crisis; HbSS disease with vaso-occlusive crisis; sickle cell
  trait; sickle cell anaemia with acute chest syndrome
D59|Acquired hemolytic anemia|autoimmune hemolytic anaemia; warm AIHA; drug-induced hemolytic
  anemia; paroxysmal nocturnal hemoglobinuria; hemolytic-uremic syndrome
D61|Other aplastic anemias and other bone marrow failure syndromes|aplastic anaemia; pancytopenia
  after chemotherapy; drug-induced aplastic anemia; bone marrow failure, idiopathic aplastic
  anemia
D62|Acute posthemorrhagic anemia|acute blood loss anemia; anemia from acute hemorrhage post op;
  acute posthaemorrhagic anaemia; Hb drop after GI bleed, acute blood loss anaemia
D64|Other anemias|anemia, unspecified; low hemoglobin, anaemia NOS; sideroblastic anemia; anaemia
  due to antineoplastic chemotherapy
D65|Disseminated intravascular coagulation [defibrination syndrome]|DIC; disseminated
  intravascular coagulation; consumption coagulopathy; defibrination syndrome
D66|Hereditary factor VIII deficiency|hemophilia A; classical haemophilia; factor VIII deficiency;
  hereditary factor 8 deficiency with hemarthrosis
D68|Other coagulation defects|von Willebrand disease; factor V Leiden thrombophilia;
  antiphospholipid syndrome; coagulopathy due to vitamin K deficiency; lupus anticoagulant
  syndrome
D69|Purpura and other hemorrhagic conditions|ITP; immune thrombocytopenic purpura;
  thrombocytopenia, unspecified; Henoch-Schönlein purpura; easy bruising, nonthrombocytopenic
  purpura
D70|Neutropenia|febrile neutropenia; chemo-induced agranulocytosis; cyclic neutropenia; low
  neutrophil count, drug-induced neutropenia
D73|Diseases of spleen|hypersplenism; splenic infarction; splenic abscess; functional asplenia
  (hyposplenism); chronic congestive splenomegaly
D80|Immunodeficiency with predominantly antibody defects|selective IgA deficiency; X-linked
  agammaglobulinemia; hypogammaglobulinaemia, hereditary; IgG subclass deficiency
D86|Sarcoidosis|pulmonary sarcoid; sarcoidosis of lung with hilar nodes; cutaneous sarcoidosis;
  Boeck's sarcoid; sarcoid uveitis
E03|Other hypothyroidism|hypothyroidism; underactive thyroid; congenital hypothyroidism; myxedema
  coma; low T4 high TSH, hypothyroid
E04|Other nontoxic goiter|multinodular goitre, euthyroid; nontoxic thyroid nodule; simple goiter;
  thyroid nodule ~lobe, nontoxic
E05|Thyrotoxicosis [hyperthyroidism]|overactive thyroid; Graves disease; toxic multinodular
  goitre; thyroid storm; hyperthyroidism with diffuse goiter
E06|Thyroiditis|Hashimoto's thyroiditis; subacute (de Quervain) thyroiditis; autoimmune
  thyroiditis; acute suppurative thyroiditis
E10|Type 1 diabetes mellitus|T1DM; type 1 diabetes; juvenile onset diabetes; type 1 diabetic in
  DKA; insulin dependent type 1 DM with retinopathy
E11|Type 2 diabetes mellitus|T2DM; type 2 diabetes; adult onset diabetes; type 2 DM with diabetic
  nephropathy; type II diabetic with foot ulcer; NIDDM with neuropathy
E16|Other disorders of pancreatic internal secretion|hypoglycemia, unspecified; low blood sugar in
  non-diabetic; drug-induced hypoglycaemia without coma; Zollinger-Ellison gastrin hypersecretion
E21|Hyperparathyroidism and other disorders of parathyroid gland|primary hyperparathyroidism;
  overactive parathyroid with high PTH; secondary hyperparathyroidism, non-renal; tertiary
  hyperparathyroidism
E22|Hyperfunction of pituitary gland|acromegaly; hyperprolactinemia; SIADH; central precocious
  puberty; pituitary gigantism
E23|Hypofunction and other disorders of the pituitary gland|hypopituitarism; diabetes insipidus;
  Sheehan syndrome; growth hormone deficiency; panhypopituitarism
E24|Cushing's syndrome|Cushing syndrome; pituitary dependent Cushing disease; ectopic ACTH
  syndrome; drug-induced Cushingoid syndrome from steroids
E27|Other disorders of adrenal gland|Addison's disease; adrenal crisis; primary adrenocortical
  insufficiency; adrenal insufficiency, unspecified
E28 f|Ovarian dysfunction|PCOS; polycystic ovarian syndrome; premature ovarian failure; primary
  ovarian insufficiency; Stein-Leventhal syndrome
E43|Unspecified severe protein-calorie malnutrition|severe protein-calorie malnutrition; severe
  malnutrition NOS; starvation edema; severely malnourished, protein-energy malnutrition
E46|Unspecified protein-calorie malnutrition|malnutrition NOS; malnutrition, unspecified;
  protein-calorie malnutrition NOS; protein-energy imbalance NOS
E55|Vitamin D deficiency|low vitamin D; vitamin D deficiency, 25-OH D 9 ng/ml; active rickets;
  avitaminosis D
E66|Overweight and obesity|morbid obesity BMI 44; obesity; overweight; severe obesity due to
  excess calories; obesity hypoventilation (Pickwickian) syndrome
E78|Disorders of lipoprotein metabolism and other lipidemias|high cholesterol; hyperlipidemia;
  mixed dyslipidaemia; familial hypercholesterolemia; hypertriglyceridaemia; HLD on statin
E83|Disorders of mineral metabolism|hypomagnesemia; hereditary hemochromatosis; Wilson disease;
  hypercalcaemia; iron overload, hemochromatosis
E84|Cystic fibrosis|CF; cystic fibrosis with pulmonary manifestations; mucoviscidosis; meconium
  ileus in cystic fibrosis; CF with Pseudomonas exacerbation
E86|Volume depletion|dehydration; hypovolemia; volume depleted, poor oral intake; dehydrated after
  hiking in heat, hypovolaemia
E87|Other disorders of fluid, electrolyte and acid-base balance|hyponatremia; low potassium,
  hypokalaemia; hyperkalemia K 6.4; metabolic acidosis; fluid overload; hypernatraemia
F03|Unspecified dementia|dementia NOS; senile dementia; unspecified dementia with behavioral
  disturbance; primary degenerative dementia NOS
F05|Delirium due to known physiological condition|acute confusional state, delirium; ICU delirium;
  delirium superimposed on dementia; sundowning, delirium due to UTI
F10|Alcohol related disorders|alcohol dependence; alcoholism; EtOH withdrawal with delirium
  tremens; drunk, acute alcohol intoxication; alcohol use disorder, severe; DTs
F11|Opioid related disorders|opioid use disorder; heroin addiction; opioid dependence on
  methadone; opiate withdrawal; oxycodone abuse
F12|Cannabis related disorders|cannabis abuse; marijuana dependence; cannabis use disorder;
  cannabis intoxication with anxiety
F17|Nicotine dependence|smoker, nicotine dependence, cigarettes; tobacco use disorder; nicotine
  withdrawal; dependence on chewing tobacco; 20 pack-year smoker with tobacco dependence
F20|Schizophrenia|paranoid schizophrenia; catatonic schizophrenia; undifferentiated schizophrenia;
  chronic schizophrenic on clozapine; hebephrenic schizophrenia
F25|Schizoaffective disorders|schizoaffective disorder, bipolar type; schizoaffective disorder;
  schizoaffective psychosis, depressive type
F31|Bipolar disorder|bipolar disorder; manic-depressive illness; bipolar I, current episode manic;
  bipolar affective disorder in remission; BPAD
F32|Depressive episode|single episode major depression; depression, single episode; MDD single
  episode moderate; depressive episode with suicidal thoughts, first ever
F33|Major depressive disorder, recurrent|recurrent depression; MDD, recurrent, severe; recurrent
  major depressive disorder in partial remission; repeated depressive episodes
F40|Phobic anxiety disorders|agoraphobia; social phobia; social anxiety disorder; fear of flying,
  specific phobia; claustrophobia; arachnophobia
F41|Other anxiety disorders|GAD; panic attacks; panic disorder; generalised anxiety disorder;
  anxiety NOS
F42|Obsessive-compulsive disorder|OCD; obsessive-compulsive disorder; hoarding disorder;
  compulsive hand washing with obsessional thoughts
F43|Reaction to severe stress, and adjustment disorders|PTSD; adjustment disorder with depressed
  mood; acute stress reaction; post-traumatic stress disorder, chronic
F44|Dissociative and conversion disorders|conversion disorder; dissociative amnesia; psychogenic
  non-epileptic seizures; dissociative fugue
F50|Eating disorders|anorexia nervosa; bulimia; binge eating disorder; bulimia nervosa with
  purging; anorexia nervosa restricting type
F60|Specific personality disorders|borderline personality disorder; antisocial personality; BPD
  with self-harm; emotionally unstable personality disorder; narcissistic personality disorder
F70|Mild intellectual disabilities|mild intellectual disability; mild mental retardation, IQ 62;
  IQ level 50-55 to approximately 70; mild learning disability (intellectual)
F84 c|Pervasive developmental disorders|autism; ASD; Asperger syndrome; autistic spectrum
  disorder; childhood autism
F90 c|Attention-deficit hyperactivity disorders|ADHD; ADHD combined type; ADD, inattentive type;
  attention deficit disorder with hyperactivity
F95 c|Tic disorder|Tourette syndrome; chronic motor tics; transient tic disorder; vocal and motor
  tics, Tourette's
G00|Bacterial meningitis, not elsewhere classified|pneumococcal meningitis; bacterial meningitis;
  Haemophilus meningitis; streptococcal meningitis; purulent meningitis, S. pneumoniae in CSF
G12|Spinal muscular atrophy and related syndromes|ALS; amyotrophic lateral sclerosis; motor
  neurone disease; spinal muscular atrophy type 1; Lou Gehrig disease
G20|Parkinson's disease|parkinsonism, idiopathic; Parkinson disease; PD with resting tremor;
  paralysis agitans; PD on levodopa
G25|Other extrapyramidal and movement disorders|essential tremor; restless legs syndrome;
  drug-induced chorea; myoclonus; RLS
G30|Alzheimer's disease|Alzheimer disease; late onset Alzheimer's; AD, early onset; Alzheimer
  dementia with memory loss
G35|Multiple sclerosis|MS; relapsing remitting multiple sclerosis; MS flare; disseminated
  sclerosis; primary progressive MS
G40|Epilepsy and recurrent seizures|epilepsy; seizure disorder; temporal lobe epilepsy;
  intractable epilepsy with status epilepticus; grand mal epilepsy; juvenile myoclonic epilepsy
G43|Migraine|migraine with aura; migraine headache; chronic intractable migraine; hemiplegic
  migraine; migraine without aura
G44|Other headache syndromes|cluster headache; tension-type headache; medication overuse headache;
  chronic tension headache; post-traumatic headache
G45|Transient cerebral ischemic attacks and related syndromes|TIA; mini-stroke; transient
  ischaemic attack; amaurosis fugax; transient global amnesia
G47|Sleep disorders|obstructive sleep apnea; OSA on CPAP; narcolepsy; insomnia, unspecified;
  circadian rhythm sleep disorder
G50|Disorders of trigeminal nerve|trigeminal neuralgia; tic douloureux; atypical facial pain;
  ~trigeminal neuralgia V2
G51|Facial nerve disorders|Bell's palsy; ~Bell palsy; facial nerve palsy ~side, idiopathic; clonic
  hemifacial spasm; geniculate ganglionitis
G56|Mononeuropathies of upper limb|carpal tunnel syndrome ~wrist; CTS ~hand; ulnar nerve lesion
  ~elbow; cubital tunnel syndrome; radial nerve palsy ~arm
G57|Mononeuropathies of lower limb|tarsal tunnel syndrome ~foot; meralgia paresthetica ~thigh;
  Morton's neuroma ~foot; ~common peroneal nerve lesion
G61|Inflammatory polyneuropathy|Guillain-Barre syndrome; GBS; CIDP; acute ascending paralysis,
  AIDP; chronic inflammatory demyelinating polyneuritis
G62|Other and unspecified polyneuropathies|alcoholic polyneuropathy; peripheral neuropathy NOS;
  chemotherapy induced polyneuropathy; critical illness polyneuropathy
G70|Myasthenia gravis and other myoneural disorders|myasthenia gravis; MG with ptosis; myasthenic
  crisis; congenital myasthenia
G80|Cerebral palsy|spastic diplegic cerebral palsy; CP; spastic quadriplegic CP; athetoid cerebral
  palsy
G81|Hemiplegia and hemiparesis|~hemiplegia; ~sided hemiparesis; flaccid hemiplegia ~side; spastic
  hemiplegia affecting ~dominant side
G91|Hydrocephalus|normal pressure hydrocephalus; obstructive hydrocephalus; communicating
  hydrocephalus; NPH with gait trouble and incontinence
H00|Hordeolum and chalazion|stye ~eye; chalazion ~upper eyelid; hordeolum externum ~lower lid;
  lump on eyelid, meibomian cyst
H01|Other inflammation of eyelid|blepharitis; blepharitis ~upper eyelid; allergic dermatitis of
  eyelid ~eye; ulcerative blepharitis ~eye
H02|Other disorders of eyelid|ptosis of ~eyelid; entropion ~lower lid; ectropion ~eye;
  blepharochalasis; trichiasis without entropion
H04|Disorders of lacrimal system|dry eye syndrome; blocked tear duct ~eye; dacryocystitis ~side;
  epiphora; nasolacrimal duct stenosis
H10|Conjunctivitis|pink eye; allergic conjunctivitis ~eye; mucopurulent conjunctivitis; sticky red
  ~eye, acute conjunctivitis
H11|Other disorders of conjunctiva|pterygium ~eye; subconjunctival hemorrhage ~eye; pinguecula;
  conjunctival cyst ~eye
H16|Keratitis|corneal ulcer ~eye; contact lens keratitis; keratitis ~eye; photokeratitis (welder's
  flash)
H20|Iridocyclitis|anterior uveitis ~eye; acute iritis; iridocyclitis; hypopyon ~eye with iritis
H25|Age-related cataract|senile cataract ~eye; nuclear sclerotic cataract ~eye; age-related
  cataract; cortical age-related cataract ~eye
H26|Other cataract|traumatic cataract ~eye; cataract secondary to steroids; posterior capsule
  opacification (after-cataract) ~eye; infantile and juvenile cataract
H33|Retinal detachments and breaks|~retinal detachment; retinal tear ~eye; rhegmatogenous
  detachment; horseshoe tear of retina ~eye
H34|Retinal vascular occlusions|central retinal vein occlusion ~eye; CRAO; branch retinal artery
  occlusion ~eye; BRVO ~eye
H35|Other retinal disorders|wet AMD ~eye; age-related macular degeneration; macular hole ~eye;
  drusen of macula; epiretinal membrane, macular puckering
H40|Glaucoma|open-angle glaucoma; acute angle closure glaucoma ~eye; POAG ~eye; ocular
  hypertension; raised pressure with disc cupping, glaucoma
H43|Disorders of vitreous body|vitreous hemorrhage ~eye; floaters ~eye, vitreous opacities;
  posterior vitreous detachment ~eye; PVD with floaters in ~eye
H46|Optic neuritis|optic neuritis ~eye; retrobulbar neuritis; optic papillitis ~eye; painful loss
  of colour vision ~eye, optic neuritis
H50|Other strabismus|squint; esotropia ~eye; exotropia, alternating; lazy eye turning in,
  convergent strabismus
H52|Disorders of refraction and accommodation|myopia; short-sighted, myopia; astigmatism ~eye;
  presbyopia needs reading glasses; hypermetropia
H53|Visual disturbances|double vision (diplopia); amblyopia ~eye; night blindness; colour
  blindness; blurred vision, subjective visual disturbance
H54|Blindness and low vision|legal blindness; blind ~eye; low vision, both eyes; blindness one
  eye, low vision other eye
H60|Otitis externa|swimmer's ear ~side; ~otitis externa; malignant otitis externa; abscess of
  external ear canal ~ear; outer ear infection
H61|Other disorders of external ear|impacted earwax ~ear; cerumen impaction ~ear; hematoma of
  pinna ~ear, non-traumatic; perichondritis of ~ear
H65|Nonsuppurative otitis media|glue ear; otitis media with effusion ~ear; serous otitis media;
  chronic mucoid otitis media ~ear; OME
H66|Suppurative and unspecified otitis media|acute otitis media ~ear; AOM ~side; middle ear
  infection, purulent; chronic suppurative otitis media; CSOM ~ear
H68|Eustachian salpingitis and obstruction|eustachian tube obstruction ~ear; eustachian
  salpingitis; blocked eustachian tube; chronic Eustachian salpingitis ~ear
H69|Other and unspecified disorders of Eustachian tube|eustachian tube dysfunction; patulous
  eustachian tube ~ear; ETD ~ear; unspecified Eustachian tube disorder
H70|Mastoiditis and related conditions|acute mastoiditis ~ear; chronic mastoiditis; petrositis;
  swelling behind ~ear, mastoiditis
H71|Cholesteatoma of middle ear|cholesteatoma ~ear; attic cholesteatoma; cholesteatoma of tympanum
  ~ear; cholesteatoma of mastoid
H72|Perforation of tympanic membrane|perforated eardrum ~ear; TM perforation ~side; hole in
  ~eardrum, non-traumatic; central perforation of tympanic membrane ~ear
H74|Other disorders of middle ear mastoid|tympanosclerosis ~ear; adhesive middle ear disease ~ear;
  polyp of middle ear ~side; discontinuity of ear ossicles
H80|Otosclerosis|otosclerosis ~ear; cochlear otosclerosis; stapes fixation from otospongiosis
  ~ear; otosclerosis involving oval window
H81|Disorders of vestibular function|BPPV; benign positional vertigo; Meniere's disease ~ear;
  vestibular neuronitis; peripheral vertigo
H83|Other diseases of inner ear|labyrinthitis ~ear; noise effects on inner ear; labyrinthine
  fistula ~ear; acoustic trauma of ~ear from noise
H90|Conductive and sensorineural hearing loss|SNHL ~ear; conductive deafness ~ear; bilateral
  sensorineural hearing loss; mixed conductive and sensorineural hearing loss
H91|Other and unspecified hearing loss|presbycusis; sudden idiopathic hearing loss ~ear; hard of
  hearing NOS; ototoxic hearing loss; age-related hearing loss
H92|Otalgia and effusion of ear|earache ~ear; otalgia ~side; otorrhea ~ear; ear discharge,
  otorrhoea; bleeding from ~ear canal (otorrhagia)
H93|Other disorders of ear, not elsewhere classified|tinnitus; ringing in ~ear; hyperacusis ~ear;
  disorder of ~acoustic nerve
"""
