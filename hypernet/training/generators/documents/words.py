"""Names, places, goods and labels for the documents generator, with the way to fill them in.

A template names another list in braces; "#" is any digit, "%" one from 1 to 9, "@" a letter.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

Lists = dict[str, tuple[str, ...]]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split(";") if part.strip())


def fill(
    rng: random.Random, template: str, extra: Mapping[str, tuple[str, ...]] | None = None
) -> str:
    """The template with a choice from each list it names, digits and letters drawn."""

    def named(match: re.Match[str]) -> str:
        options = (extra or {}).get(match[1]) or LISTS[match[1]]
        return fill(rng, rng.choice(options), extra)

    text = re.sub(r"\{(\w+)\}", named, template)
    drawn = {"#": string.digits, "%": string.digits[1:], "@": string.ascii_uppercase}
    return re.sub("[#%@]", lambda match: rng.choice(drawn[match[0]]), text)


LISTS: Lists = {
    "first": _listed("""
        Anna; James; Priya; Wei Ling; Mohd Farid; Elena; Tomasz; Grace; Kofi; Lucía; Pierre; Sven;
        Aisha; Daniel; Mei; Rajesh; Olivia; Noah; Fatima; Hannah; Liam; Chloe; Ivan; Marta; Kenji;
        Siti; Ahmad; Carlos; Ingrid; Peter; Ruth; Samuel; Nadia; Yusuf; Emma; George; Victoria;
        Arjun; Beatriz; Oscar; Thandi; Karen; Stephen; Julia; Dimitri; Zoe; Brian; Megan
    """),
    "last": _listed("""
        Tan; Lim; Müller; Smith; Okafor; Kowalski; Rossi; García; Nguyen; Ibrahim; Chen; Patel;
        Fernandez; O'Brien; Johansson; Novak; Dubois; Schmidt; Wong; Abdullah; Kaur; Mbeki; Silva;
        Jones; Hughes; Walker; Bennett; Petrov; Sato; Reyes; Larsen; Moreau; Hoffmann; Singh; Cohen;
        Murray; Campbell; Mensah; Fischer; Bianchi; Keller; Thompson; Ng; Santos; Weber; Doyle
    """),
    "zh": _listed("""
        WAN; SHENG; HENG; FATT; SOON; LEE; KIM; SENG; HUAT; POH; KEE; YONG; LIAN; HING; CHUAN; TECK;
        ONG; BOON; SWEE; CHEONG; MING; TAT; YEN; FOOK; LOONG; WAH; GUAN; AIK; HOCK; TAI
    """),
    "my_name": _listed("""
        {zh} {zh}; {zh} {zh}; {zh} {zh} {zh}; SRI {malay}; {malay}; {malay} JAYA; {brand}; {malay}
        {malay}; MUTIARA {malay}; {zh} {zh} & {zh}; NASI {malay}; {brand} {malay}; AL-{malay}; PAK
        {malay}; SERI {malay}; {initials} {malay}; {initials}; UNCLE {zh}
    """),
    "initials": _listed("@@; @@@; @&@; @.@.@.; @ & @"),
    "malay": _listed("""
        MELATI; MAJU; INDAH; DELIMA; KENANGA; PERMATA; BARAKAH; HARMONI; MESRA; SELERA; RIA;
        BAHAGIA; CAHAYA; BINTANG; SURIA; WARISAN; KASIH; SEJATI; MEWAH; HIDAYAH; TERATAI; IMPIAN;
        RASA; MUHIBBAH; PELANGI; UTAMA; ANGGERIK; MAWAR; DAMAI; CEMPAKA; FAJAR; ZAMRUD; PERDANA;
        NUSANTARA
    """),
    "brand": _listed("""
        GOLDEN SPOON; EVERBEST; SUNRISE; BLUE LAGOON; MR BARGAIN; HOMEPLUS; DAILYFRESH; OCEAN PEARL;
        TOP CHOICE; SMART VALUE; LUCKY STAR; URBAN BEAN; GREEN LEAF; RED LANTERN; SILVER STREAM;
        KING CROWN; FRESHWAY; NEXT DOOR; PRIMA; CITYMART; MEGA SAVE; TASTY CORNER; POPULAR HUB; ALL
        SEASONS; UNIQUE; PACIFIC; ORIENTAL; METRO; HAPPY HOUSE; ROYAL; SIMPLY; ECO SHOP; PANDA;
        TIGER; BIG BOX; PEPPERCORN; SUGARBUN; OLIVE TREE; MAPLE; HARBOUR
    """),
    "my_street": _listed("""
        PERMAI; MERDEKA; KASTURI; BUKIT; DATO ONN; SULTAN ISMAIL; TUN RAZAK; MAWAR; KENARI;
        CEMPEDAK; SS %#; PJU %/#; USJ %#; IPOH; KUCHAI LAMA; GENTING KLANG; KEPONG; BESAR; STADIUM;
        PASAR; WAWASAN; INDAH; SETIA; AMPANG; RADIN; PERKASA; HARTAMAS; INDUSTRI; PERUSAHAAN; MELOR;
        ROS MERAH; SERI BAHTERA; BANDAR; DAMAI %
    """),
    "my_city": _listed("""
        KUALA LUMPUR; SHAH ALAM, SELANGOR; PETALING JAYA, SELANGOR; JOHOR BAHRU, JOHOR; KLANG,
        SELANGOR; IPOH, PERAK; SKUDAI, JOHOR; KAJANG, SELANGOR; SEREMBAN, N. SEMBILAN; GEORGE TOWN,
        PENANG; MELAKA; BATU CAVES, SELANGOR; KUANTAN, PAHANG; SUBANG JAYA, SELANGOR; MASAI, JOHOR;
        CHERAS, SELANGOR; RAWANG, SELANGOR; KUCHING, SARAWAK; KOTA KINABALU, SABAH; ALOR SETAR,
        KEDAH; SUNGAI BULOH, SELANGOR D.E.; AMPANG; BUTTERWORTH; TAIPING, PERAK
    """),
    "my_address": _listed("""
        NO. %#, JALAN {my_street} %/#|TAMAN {malay}|%##00 {my_city}; NO %#-@, JALAN
        {my_street}|%#%00 {my_city}; LOT %##, JALAN {my_street}|KAWASAN PERINDUSTRIAN {malay}|%#%00
        {my_city}; %#, JALAN {my_street}|TAMAN {malay}, %##00 {my_city}; LOT G-%#, GROUND
        FLOOR|{malay} MALL, JALAN {my_street}|%##00 {my_city}; NO.%,JALAN {my_street} %|BANDAR BARU
        {malay}|%##00 {my_city}; %# & %#, GROUND FLOOR|JALAN {my_street} %/%|BANDAR {malay}|%##00
        {my_city}; PT %#%#, SEKSYEN %|%##00 {my_city}; UNIT B%-#, BLOCK @, PUSAT DAGANG
        {malay}|JALAN {my_street}|%##00 {my_city}; BATU %, JALAN {my_street}, %##00 {my_city}
    """),
    "street": _listed("""
        High Street; Station Road; Church Lane; Main St; Oak Avenue; Mill Road; Park Lane; King
        Street; Bridge St; Victoria Road; Elm Drive; Market Square; River Road; Queen St; Broadway;
        Lakeview Blvd; College Road; Harbour View; Industrial Way; Sunset Blvd; Long Street; Canal
        Walk; Beach Road; Hillside Ave; Chapel Row; Commerce Drive
    """),
    "uk_city": _listed("""
        Leeds; Bristol; London; Manchester; Cardiff; York; Norwich; Glasgow; Bath; Hull; Derby;
        Exeter
    """),
    "us_city": _listed("""
        Austin, TX; Portland, OR; Denver, CO; Columbus, OH; Tampa, FL; Boise, ID; Reno, NV; Albany,
        NY; Madison, WI; Tucson, AZ; Fresno, CA; Dayton, OH; Macon, GA; Salem, MA
    """),
    "au_city": _listed("""
        Parramatta NSW; Geelong VIC; Cairns QLD; Hobart TAS; Fremantle WA; Ballarat VIC; Newcastle
        NSW
    """),
    "de_street": _listed("""
        Hauptstraße; Bahnhofstr.; Gartenweg; Lindenallee; Schulstr.; Marktplatz; Am Ring; Goethestr.
    """),
    "de_city": _listed("""
        Köln; Leipzig; Hamburg; München; Bremen; Dresden; Mainz; Kassel; Ulm; Bonn
    """),
    "fr_street": _listed("""
        rue de la Gare; avenue Jean Jaurès; rue Pasteur; place du Marché; bd Victor Hugo; rue des
        Lilas
    """),
    "fr_city": _listed("Lyon; Nantes; Toulouse; Lille; Nice; Rennes; Dijon; Tours"),
    "in_area": _listed("""
        M.G. Road; Anna Nagar; Sector %#; Linking Road; Park Street; Brigade Road; Salt Lake; T.
        Nagar; Civil Lines
    """),
    "in_city": _listed("""
        Bengaluru; Chennai; Pune; Mumbai; Kolkata; New Delhi; Hyderabad; Jaipur; Kochi; Indore
    """),
    "za_city": _listed("""
        Cape Town; Durban; Sandton; Pretoria; Gqeberha; Bloemfontein; Stellenbosch; Polokwane
    """),
    "ph_city": _listed("""
        Quezon City; Makati City; Cebu City; Davao City; Pasig City; Taguig City; Manila
    """),
    "ke_city": _listed("Nairobi; Mombasa; Kisumu; Nakuru; Eldoret; Thika"),
    "ae_area": _listed("""
        Al Barsha 1; Deira; Jumeirah; Khalifa City; Al Nahda; Business Bay; Mussafah; Al Quoz
    """),
    "sg_street": _listed("""
        Ang Mo Kio Ave %; Bedok North St %; Serangoon Road; Jurong West St 4%; Orchard Road;
        Tampines Ave %; Geylang Lor %#
    """),
    "sg_address": _listed("""
        Blk %## {sg_street}|Unit 0%-%## Singapore ######; %## {sg_street}|B1-%#|Singapore ######; %#
        {sg_street}, Singapore ######
    """),
    "uk_address": _listed("""
        %# {street}|{uk_city}|@@% %@@; Unit %, {street}|{uk_city} @@%# %@@; %## {street},
        {uk_city}|@@%# #@@
    """),
    "us_address": _listed("""
        %### {street}|{us_city} %####; %## {street} Ste %##|{us_city} %####; %#### {street},
        {us_city} %####
    """),
    "au_address": _listed("%## {street}|{au_city} %###; Shop %, %# {street}|{au_city} %###"),
    "de_address": _listed("{de_street} %#|%#### {de_city}; {de_street} %|D-%#### {de_city}"),
    "fr_address": _listed("%# {fr_street}|%#### {fr_city}; %, {fr_street}|%##00 {fr_city}"),
    "in_address": _listed("""
        %#/%, {in_area}|{in_city} - %##0##; Shop No. %#, Ground Floor|{in_area}, {in_city} %##0##;
        No. %#, {in_area}|Near {last} Hospital|{in_city} %##0%#
    """),
    "za_address": _listed("""
        %# {street}|{za_city} %###; Shop %#, {brand} Centre|{street}|{za_city}, #%##
    """),
    "ph_address": _listed("""
        %## {last} St., Brgy. San {first}|{ph_city}; G/F {brand} Bldg., {last} Ave.|{ph_city} #%##
    """),
    "ke_address": _listed("""
        {last} House, {street}|P.O. Box %####-00%##|{ke_city}; {street}, {ke_city}|P.O. Box %###
    """),
    "ae_address": _listed("""
        Shop %#, {ae_area}|P.O. Box %####, Dubai; {last} Tower, {ae_area}|Abu Dhabi, UAE
    """),
    "nz_address": _listed("%## {street}|{nz_city} %###; %# {street}, {nz_city}"),
    "nz_city": _listed("Hamilton; Dunedin; Napier; Nelson; Tauranga; Wellington"),
    "ie_address": _listed("%# {street}|{ie_city}; Unit %#, {street}|Co. {ie_county}|@%# @#@%"),
    "ie_city": _listed("Cork; Galway; Limerick; Dublin %; Sligo; Waterford"),
    "ie_county": _listed("Kerry; Mayo; Clare; Meath; Louth; Wexford"),
    "ca_address": _listed("""
        %### {street}|{ca_city} @#@ #@#; %## {street} Unit %|{ca_city}, @#@ #@#
    """),
    "ca_city": _listed("Calgary AB; Halifax NS; Ottawa ON; Regina SK; Burnaby BC; London ON"),
    "my_shop": _listed("""
        {my_name} {kind} SDN BHD; {my_name} {kind} SDN. BHD.; {my_name} {kind}; {my_name} {kind}
        ENTERPRISE; {my_name} (M) SDN BHD; {my_name} TRADING SDN BHD; {my_name} {kind} & TRADING;
        PERNIAGAAN {my_name}; SYARIKAT {my_name} SDN BHD; {my_name} {kind} (KL) SDN. BHD.; {my_name}
        HOLDINGS BERHAD; KEDAI {kind} {my_name}; {my_name} {kind} CENTRE; {my_name} MARKETING
    """),
    "world_shop": _listed("""
        {brand} {kind}; {last}'s {kind}; The {brand} {kind}; {last} & Sons {kind}; {brand} {kind}
        {suffix}; {last} {kind} {suffix}; {first} {last} {kind}; {brand} {suffix}; {last} & {last}
        {suffix}; {initials} {kind}; {brand} by {first}
    """),
    "food_kind": _listed("""
        RESTAURANT; CAFE; BISTRO; KOPITIAM; SEAFOOD; GRILL; DINER; BURGER HOUSE; NOODLE HOUSE;
        KITCHEN; EATERY
    """),
    "food": _listed("""
        NASI LEMAK AYAM; TEH TARIK; ROTI CANAI; MEE GORENG; CHICKEN CHOP; ICED LEMON TEA; CHAR KUEY
        TEOW; FRIED RICE; KOPI O; MILO AIS; TOM YAM SOUP; SWEET SOUR FISH; STEAMED RICE;
        CHEESEBURGER; FRENCH FRIES; CAESAR SALAD; FLAT WHITE; LATTE; PANCAKES; GRILLED SALMON; PIZZA
        MARGHERITA; SPRING ROLLS; GREEN TEA; ORANGE JUICE; CLUB SANDWICH; BEEF RENDANG; SATAY 10PCS;
        DIM SUM; WANTAN MEE; PLAIN WATER; COLA CAN; HOUSE WINE GLS; SOUP OF DAY; GARLIC BREAD;
        CARROT CAKE; BUTTER NAAN; DAL MAKHANI; TIRAMISU
    """),
    "grocery_kind": _listed("""
        MINI MARKET; SUPERMARKET; MART; GROCERY; FOOD STORE; FRESH MARKET; CONVENIENCE STORE; RUNCIT
    """),
    "grocery": _listed("""
        FRESH MILK 1L; WHITE BREAD; EGGS GRADE A 10S; COOKING OIL 2KG; JASMINE RICE 5KG; BANANA; RED
        APPLE 4S; TISSUE ROLL 10R; DISHWASH LIQ 900ML; SUGAR 1KG; INSTANT NOODLE 5S; MINERAL WATER
        1.5L; CHEDDAR 250G; YOGHURT STRAWB; TOMATO 500G; ONION KG; CHICKEN WHOLE; BUTTER SALTED;
        BISCUIT CREAM; SHAMPOO 340ML; TOOTHPASTE TWIN; DETERGENT PWD; COFFEE 3IN1; ORANGE 6S; POTATO
        CHIPS; PLASTIC BAG; CANNED TUNA; SOY SAUCE; BABY WIPES; CAT FOOD 1.2KG; FROZEN PEAS; ICE
        CREAM TUB
    """),
    "hardware_kind": _listed("""
        HARDWARE; TOOLS; BUILDING MATERIALS; DIY; PAINT & HARDWARE; PLUMBING SUPPLY; HOME CENTRE;
        IRONWORKS
    """),
    "hardware": _listed("""
        PVC PIPE 20MM; WALL PLUG 6MM; SCREWDRIVER SET; CABLE TIE 8IN; LED BULB 12W; PAINT ROLLER
        9IN; SILICON SEALANT; DOOR HINGE; MASKING TAPE; EXT. SOCKET 3G; CEMENT 50KG; HAMMER 16OZ;
        DRILL BIT 5MM; SANDPAPER P120; PADLOCK 40MM; GARDEN HOSE; NAILS 1KG; BRASS TAP; TOILET FLUSH
        SET; SPANNER 12MM; WIRE BRUSH; CHAIN 2M; GLOVES COTTON; EMULSION WHITE 5L; BATTERY AA 4S;
        STORAGE BOX 50L
    """),
    "office_kind": _listed("""
        STATIONERY; BOOK STORE; BOOKSHOP; PRINTING; OFFICE SUPPLIES; COPY CENTRE; GIFT & BOOKS; ART
        SUPPLY
    """),
    "office": _listed("""
        A4 PAPER 70GSM; BALL PEN BLUE; STAPLER NO.10; RING FILE 2D; CORRECTION TAPE; EXERCISE BOOK;
        GLUE STICK; PRINTING B/W; COLOUR COPY A3; MARKER BLACK; ENVELOPE C5 20S; RULER 30CM;
        SCISSORS; NOTEBOOK A5; LAMINATING A4; CALCULATOR; CALENDAR; STICKER LABEL; BINDING COMB;
        PENCIL 2B DOZ; HIGHLIGHTER; SHARPENER; GIFT WRAP; STORY BOOK; CARD BOARD
    """),
    "pharmacy_kind": _listed("""
        PHARMACY; FARMASI; CHEMIST; DRUGSTORE; MEDICAL HALL; HEALTH & BEAUTY; WELLNESS; CLINIC
    """),
    "pharmacy": _listed("""
        PARACETAMOL 500MG; VITAMIN C 1000; COUGH SYRUP; PLASTER 20S; FACE MASK 50S; HAND SANITIZER;
        EYE DROPS; ANTISEPTIC CRM; LOZENGES; SUNSCREEN SPF50; CALCIUM D3; FISH OIL 150S; LIP BALM;
        THERMOMETER; COTTON BUDS; SALINE NASAL; BODY LOTION; MULTIVITAMIN; IBUPROFEN 200; CONTACT
        SOLN
    """),
    "fashion_kind": _listed("""
        FASHION; BOUTIQUE; TEXTILE; SHOES; SPORTS; DEPARTMENT STORE; TAILOR; OUTFITTERS; KIDS WEAR
    """),
    "fashion": _listed("""
        T-SHIRT M BLK; JEANS 32; SOCKS 3PK; SCHOOL SHOES; BLOUSE L; TUDUNG; CAP; LEATHER BELT;
        SANDAL 39; HOODIE GREY; DRESS S; SCARF; TIE SILK; SPORTS BRA; KIDS PYJAMA; HANDBAG; SNEAKER
        42; SHORTS XL; RAINCOAT; UNDERWEAR 2PK
    """),
    "petrol_kind": _listed("""
        SERVICE STATION; PETROLEUM; FUEL STOP; AUTO CARE; MOTORS; TYRE & BATTERY; CAR WASH
    """),
    "petrol": _listed("""
        PETROL 95; DIESEL B10; UNLEADED; ENGINE OIL 4L; CAR WASH BASIC; WIPER BLADE; TYRE PATCH;
        COOLANT 1L; AIR FRESHENER; ENERGY DRINK; BATTERY NS40; OIL FILTER; HOT COFFEE; BRAKE FLUID;
        PUMP 3 ULP
    """),
    "tech_kind": _listed("""
        ELECTRICAL; COMPUTER; TELECOM; MOBILE; ELECTRONICS; GADGETS; PHOTO; IT SOLUTION
    """),
    "tech": _listed("""
        USB CABLE 1M; PHONE CASE; MOUSE WIRELESS; HDMI CABLE; 32GB MICROSD; POWER BANK; EARPHONE;
        TEMPERED GLASS; KEYBOARD; ADAPTER 3PIN; TONER BLACK; LED STRIP; PRELOAD SIM; ROUTER; CHARGER
        20W; TABLE FAN; RICE COOKER; IRON; WEBCAM HD; PHOTO PRINT 4R
    """),
    "bakery_kind": _listed("""
        BAKERY; CAKE HOUSE; PATISSERIE; CONFECTIONERY; ROTI; BOULANGERIE; DONUTS; PASTRY SHOP
    """),
    "bakery": _listed("""
        CROISSANT; SOURDOUGH; EGG TART; CURRY PUFF; CHOC MUFFIN; WALNUT LOAF; SAUSAGE BUN; DONUT
        GLAZED; BAGUETTE; BLACK FOREST 1KG; CREAM PUFF; APPLE PIE; CANDLE; CINNAMON ROLL; PANDAN
        CAKE; RYE BREAD; BROWNIE; KAYA TOAST; PORTUGUESE TART; MINI PIZZA
    """),
    "footer": _listed("""
        THANK YOU; THANK YOU PLEASE COME AGAIN; GOODS SOLD ARE NOT RETURNABLE; PLEASE KEEP THIS
        RECEIPT; HAVE A NICE DAY!; E. & O. E.; CUSTOMER COPY; EXCHANGE WITHIN 7 DAYS WITH RECEIPT;
        NO CASH REFUND; FOLLOW US ON FACEBOOK; PRICES INCLUDE TAX WHERE APPLICABLE; *** SEE YOU SOON
        ***; POWERED BY @@@ POS; TERIMA KASIH; CUSTOMER SERVICE 1-%00-##-####; THIS IS A COMPUTER
        GENERATED RECEIPT; RETURNS ACCEPTED WITHIN 14 DAYS; MEMBERS EARN POINTS: %#; THANK YOU FOR
        SHOPPING WITH US; POINTS BALANCE %##; FREE PARKING 2 HRS; WIFI PASSWORD @@@####; RATE US
        ONLINE AND WIN
    """),
    "goods": _listed("""
        Office chair; Consulting hours; Laser toner; Web hosting 12 mo; Steel brackets; Cleaning
        service; Catering lunch; LED panel; Logo design; Courier fee; Safety helmets; Maintenance
        visit; Translation 1k words; Paint 10L; Software seats; Copper wire 50m; Coffee beans 5kg;
        Training day; Photo shoot; Packing tape; Router; Desk lamp; Tyres 205/55; Oak boards; Annual
        audit; Pallet storage; Flower bouquet; Site survey; Hydraulic hose; Banner print; Garden
        works; Pump repair; Milk crate; USB-C hub; Lab reagents; Air freight; Legal advice; Filter
        cartridges; Cotton fabric m; Window blinds; First-aid kit; SEO package; Projector hire;
        Bottled water; Notebook A5; Fire extinguisher; Gasket set; Excavator hire; Data backup;
        Whiteboard; Interpreter; Stage rental; Solar panel; Bricks pallet
    """),
    "biz_word": _listed("""
        Logistics; Consulting; Software; Plumbing; Catering; Electric; Foods; Textiles; Print;
        Media; Engineering; Design; Construction; Farms; Dental; Supplies; Interiors; Motors;
        Analytics; Systems; Garden Centre; Freight; Packaging; Paper; Metals; Labs; Security;
        Cleaning; Travel; Studio; Chemicals; Optics
    """),
    "biz_name": _listed("""
        Blue Ridge; Ironwood; Kestrel; Summit; Clearwater; Redstone; Lakeside; Falcon; Amber;
        Pinecrest; Solaris; Vertex; Meridian; Cobalt; Larkspur; Orchard; Granite; Beacon; Tidewater;
        Alpine; Quantum; Juniper; Sterling; Atlas; Willow; Crescent; Foxglove; Polaris; Hawthorn;
        Zephyr; Marigold; Stonebridge; Ember; Cascade; Opal; Ridgeway; Nordlys; Aurora; Terranova;
        Copperfield; {last}; {last}; {last}
    """),
    "suffix": _listed("""
        Ltd; Inc.; LLC; GmbH; Pty Ltd; S.A.; B.V.; Sdn Bhd; Pvt Ltd; Co.; AG; SARL; plc; Limited;
        Corp.; S.r.l.; Oy; AB; ApS; KG
    """),
    "firm": _listed("""
        {biz_name} {biz_word} {suffix}; {biz_name} {biz_word} {suffix}; {biz_name} {biz_word};
        {last} & {last} {suffix}; {last} & Sons {biz_word}; {biz_name} & Co.; {biz_word} {biz_name}
        {suffix}; {initials} {biz_word} {suffix}; {biz_name}{biz_word} {suffix}; {first} {last}
        {biz_word}; The {biz_name} Group
    """),
    "client": _listed("""
        {firm}; {firm}; {firm}; {first} {last}; {uk_city} City Council; {biz_name} Primary School;
        {biz_name} Hotel; St. {first} Hospital; {biz_name} University; {za_city} Medical Centre;
        {biz_name} Restaurant; Dr. {first} {last}; {biz_name} Housing Association; Museum of
        {uk_city}; {biz_name} Sports Club
    """),
    "number": _listed("""
        INV-#####; INV####; #####; %###; 202#-###; 202#/####; @@#####; @@-%###; R-202#-####; @####@;
        INV/%#/####; %#-####; F%######; SI-#####; #%##-@@; A%####; RE%#####; No%###
    """),
    "job": _listed("""
        Sales Manager; Managing Director; Software Engineer; Project Lead; Account Executive;
        Architect; Head of Marketing; Procurement Officer; Founder & CEO; Consultant; Office
        Manager; Associate Partner; Chief Accountant; Regional Director; Senior Analyst; Product
        Designer; Operations Supervisor; HR Business Partner; Customer Success Manager; Legal
        Counsel; Warehouse Manager; Research Fellow; Photographer; Real Estate Agent; Financial
        Adviser
    """),
    "phone": _listed("""
        +44 20 7### ####; +1 (%##) %##-####; (%##) %##-####; 0%# ### ####; +60 3-%### ####; +49 30
        %######; +33 1 ## ## ## ##; 01%-### ####; +65 6### ####; +91 9#### #####; %##.%##.####; +27
        %# ### ####; 03-%#######
    """),
    "domain_end": _listed("com; co.uk; de; net; com.my; io; org; co.za; com.au; fr; eu; biz"),
    "carrier": _listed("""
        DHL; UPS; FedEx; DPD; Own truck; GLS; Royal Mail; TNT; Maersk Line; City Couriers; PosLaju;
        Aramex; {last} Haulage; {biz_name} Freight
    """),
}
