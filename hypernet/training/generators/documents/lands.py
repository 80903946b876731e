"""What receipts of different countries print: taxes, money, dates, numbers, labels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Land:
    """What a country prints: taxes, money, dates, numbers; ways are templates of `fill`."""

    shop: str
    address: str
    marks: tuple[str, ...]
    tax: str
    rates: tuple[int, ...]
    tax_id: tuple[str, ...]
    phone: str
    dates: tuple[str, ...]
    comma: bool = False
    cents: bool = True  # False: totals are rounded to five cents


DAY_FIRST = ("{dd}/{mm}/{yyyy}", "{dd}/{mm}/{yyyy}", "{dd}/{mm}/{yyyy}", "{dd}-{mm}-{yy}",
             "{dd}/{mm}/{yy}", "{dd}-{mm}-{yyyy}", "{dd} {Mon} {yyyy}", "{dd}-{Mon}-{yyyy}",
             "{dd}/{Mon}/{yyyy}", "{d}/{m}/{yyyy}", "{yyyy}-{mm}-{dd}", "{dd} {Mon} {yy}",
             "{dd}-{Mon}-{yy}", "{dd}.{mm}.{yyyy}", "{dd}{Mon}{yy}")  # fmt: skip
MONTH_FIRST = ("{mm}/{dd}/{yyyy}", "{mm}/{dd}/{yy}", "{m}/{d}/{yyyy}", "{Mon} {dd}, {yyyy}",
               "{mm}-{dd}-{yyyy}", "{Mon} {d} {yyyy}", "{yyyy}-{mm}-{dd}")  # fmt: skip
DOTTED = ("{dd}.{mm}.{yyyy}", "{dd}.{mm}.{yy}", "{d}.{m}.{yyyy}", "{dd}.{mm}.{yyyy}")
SLASHED = ("{dd}/{mm}/{yyyy}", "{dd}/{mm}/{yy}", "{dd}-{mm}-{yyyy}", "{yyyy}/{mm}/{dd}")

MALAYSIA = Land(
    "{my_shop}", "{my_address}", ("RM", "RM", "RM", "$", ""), "GST", (6, 6, 6, 0),
    ("GST ID : 00##########", "GST REG NO: 00##########", "(GST ID NO :00##########)",
     "GST NO.: 00##########", "SST NO: @%#-####-########"),
    "{my_phone}", DAY_FIRST, cents=False,
)  # fmt: skip
LANDS = (
    MALAYSIA,
    Land("{world_shop}", "{sg_address}", ("$", "S$"), "GST", (7, 8, 9),
         ("GST Reg No: M#-#######-#", "UEN 20#######@"), "6### ####", DAY_FIRST),
    Land("{world_shop}", "{uk_address}", ("£", "£", ""), "VAT", (20, 20, 5),
         ("VAT No. GB %## #### ##", "VAT REG: %########"), "0%#% ### ####", SLASHED),
    Land("{world_shop}", "{us_address}", ("$", "$", ""), "Sales Tax", (6, 7, 8),
         ("Store %###", "Tax ID %#-#######"), "(%##) %##-####", MONTH_FIRST),
    Land("{world_shop}", "{au_address}", ("$", "$", "A$"), "GST", (10,),
         ("ABN %# ### ### ###",), "(0%) 9### ####", SLASHED, cents=False),
    Land("{world_shop}", "{nz_address}", ("$", ""), "GST", (15,),
         ("GST No %#-###-###",), "0% ### ####", SLASHED),
    Land("{world_shop}", "{de_address}", ("EUR", "€", ""), "MwSt", (19, 7),
         ("USt-IdNr. DE#########", "St.Nr. %#/###/#####"), "0%#%/######", DOTTED, comma=True),
    Land("{world_shop}", "{fr_address}", ("€", "EUR"), "TVA", (20, 10),
         ("SIRET %## ### ### #####",), "0% ## ## ## ##", SLASHED, comma=True),
    Land("{world_shop}", "{in_address}", ("Rs.", "₹", ""), "GST", (5, 12, 18),
         ("GSTIN: %#@@@@@####@%Z%",), "9#########", DAY_FIRST),
    Land("{world_shop}", "{za_address}", ("R", "R", ""), "VAT", (15,),
         ("VAT NO 4#########",), "0%# ### ####", ("{yyyy}/{mm}/{dd}", *SLASHED)),
    Land("{world_shop}", "{ph_address}", ("P", "₱", "PHP"), "VAT", (12,),
         ("VAT REG TIN %##-###-###-000",), "(02) 8### ####", MONTH_FIRST),
    Land("{world_shop}", "{ke_address}", ("KSH", "KES", ""), "VAT", (16,),
         ("PIN: P05%######@",), "07## ######", SLASHED),
    Land("{world_shop}", "{ae_address}", ("AED", "DHS", ""), "VAT", (5,),
         ("TRN: 100############",), "04 ### ####", DAY_FIRST),
    Land("{world_shop}", "{ie_address}", ("€", "€", "EUR"), "VAT", (23, 13),
         ("VAT IE#######@",), "0%# ### ####", SLASHED),
    Land("{world_shop}", "{ca_address}", ("$", "$", ""), "HST", (13, 15),
         ("HST# ######### RT0001",), "%##-%##-####", ("{yyyy}/{mm}/{dd}", *MONTH_FIRST)),
)  # fmt: skip


NUMBER_LABELS = (
    "INV NO: %#####", "INVOICE NO : OR%########", "RECEIPT#: CS%#######", "DOC NO. : CS00%####",
    "BILL NO %####", "RCPT %##-#####", "TRANS: %########", "SLIP: 000000%#######",
)  # fmt: skip
STAFF_LABELS = (
    "CASHIER: ", "STAFF: ", "SERVED BY ", "OPERATOR ", "CLERK ", "CASHIER : ", "SALESPERSON : ",
)  # fmt: skip
PLACE_LABELS = (
    "TABLE: %#", "TABLE TA%", "PAX: %", "COUNTER: C%", "TERMINAL 0%", "QUEUE %##", "ORDER %##",
    "TILL %",
)  # fmt: skip
TITLES = (
    "TAX INVOICE", "TAX INVOICE", "-TAX INVOICE-", "RECEIPT", "CASH RECEIPT", "CASH BILL", "",
    "SIMPLIFIED TAX INVOICE", "SALES RECEIPT", "INVOICE",
)  # fmt: skip
TOTAL_LABELS = (
    "TOTAL", "TOTAL:", "TOTAL :", "GRAND TOTAL", "GRAND TOTAL :", "NET TOTAL", "NETT TOTAL:",
    "TOTAL AMOUNT:", "TOTAL PAYABLE:", "TOTAL DUE", "AMOUNT DUE:", "TOTAL AMT PAYABLE :",
    "BALANCE DUE", "TOTAL SALES:", "TOTAL TO PAY", "TOTAL AMOUNT",
)  # fmt: skip
ROUNDED_LABELS = (
    "TOTAL ROUNDED", "ROUNDED TOTAL", "TOTAL AFTER ROUNDING", "TOTAL AMT ROUNDED",
)  # fmt: skip
PHONE_LABELS = ("TEL: ", "TEL : ", "Tel ", "PHONE: ", "TEL/FAX: ", "T: ", "H/P: ", "", "CONTACT ")
SUB_LABELS = ("SUBTOTAL", "SUB TOTAL :", "SUB-TOTAL", "SUBTOTAL:")
LESS_LABELS = ("DISCOUNT", "LESS DISC", "PROMO", "MEMBER SAVING")
SERVICE_LABELS = ("SERVICE CHARGE 10%", "SVC CHG 10%:")
ROUNDING_LABELS = ("ROUNDING", "ROUNDING ADJ :", "ROUNDING ADJUSTMENT", "RND ADJ")
