"""The wordings of schedules: what a share is taken of, what an amount per unit is measured on, one plain
spelling.

These phrases are the vocabulary of the grammar in ``duty_text.py``.  A new phrase is a new row here and,
where it names a fact, a row in the registry of facts.
"""

from __future__ import annotations

import re

# Editorial accidents and spacing that never change a duty; applied in order by ``tidy``.
_TIDY: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in [
        (r"<[^>]*>", ""),
        (r"\s+", " "),
        (r"(?<=[a-z])- (?=[a-z])", ""),  # a word broken at the end of a printed line
        (r"\bweght\b", "weight"),
        (r"\bthe(?=battery\b)", "the "),
        (r"\bor(?=alterations\b)", "or "),
        (r"(?<=m2)(?=of\b)", " "),
        (r"\b(in the) in the\b", r"\1"),
        (r"\bnot less (?!than\b)", "not less than "),
        (r"(?<=[¢/]) +(?=[a-zA-Z/])(?!¢? ?(each|on|of|for|per|less)\b)", ""),  # "4¢ /kg", "/ gross"
        (r"\bpf\. ?liter", "pf. liter"),
        (r" */ *$", ""),
        (r" *\+ *(?=[$₹.0-9])", " + "),
        (r" +(?=[,;)])", ""),
        (r"^ +| +$", ""),
    ]
)

SHARE_OF: dict[str, tuple[str, ...]] = {  # what a percentage is taken of
    "": ("base",),
    "of value": ("value",),
    "on the entire set": ("base",),
    "on the case": ("fact case_value",),
    "on the battery": ("fact battery_value",),
    "on the movement": ("fact movement_value",),
    "on the strap, band or bracelet": ("fact strap_value",),
    "on case and strap, band or bracelet": ("fact case_value", "fact strap_value"),
    "on the case and strap, band or bracelet": ("fact case_value", "fact strap_value"),
    "on the movement and case": ("fact movement_value", "fact case_value"),
    "on the apparatus": ("fact apparatus_value",),
    "on the value of the rifle": ("fact rifle_value",),
    "on the value of the telescopic sight, if any": ("fact telescopic_sight_value",),
    "on the value of the lead content": ("fact lead_content_value",),
    "of the fair retail value": ("fact fair_retail_value",),
    "of the cost of such goods or repairs": ("fact repair_cost",),
    "of the cost of such parts": ("fact repair_cost",),
    "of the cost of such parts or materials": ("fact repair_cost",),
}
# what a specific amount per unit is measured on, and in which unit it counts
AMOUNT_OF: dict[str, tuple[str, str]] = {
    "on drained weight": ("fact drained_weight_kg", "kg"),
    "on contents and container": ("fact weight_with_container_kg", "kg"),
    ", including weight of container": ("fact weight_with_container_kg", "kg"),
    "on entire contents of container": ("fact container_contents_kg", "kg"),
    "of immediate containers": ("fact immediate_containers_gross", "gross"),
    "over 7": ("fact jewels_over_7", "jewels"),
    "of recording surface": ("quantity m2", "m2"),
    "on ethyl alcohol content": ("quantity pf_liter", "pf_liter"),
    "of total sugars": ("quantity total_sugars_kg", "kg"),
    "of anhydrous morphine content": ("quantity amc_kg", "kg"),
    "on copper content": ("quantity cu_kg", "kg"),
    "on lead content": ("quantity pb_kg", "kg"),
    "on zinc content": ("quantity zn_kg", "kg"),
    "on molybdenum content": ("quantity mo_kg", "kg"),
    "on tungsten content": ("quantity w_kg", "kg"),
    "on magnesium content": ("quantity mg_kg", "kg"),
    "on manganese content": ("quantity mn_kg", "kg"),
    "on silicon content": ("quantity si_kg", "kg"),
}


def tidy(text: str) -> str:
    """The text without markup, line breaks and editorial accidents: two texts of one duty come out alike.

    >>> tidy("15.4¢/kg  +40%"), tidy("<i>4</i>¢ /kg"), tidy("$2.50/thou- sand + 40%")
    ('15.4¢/kg + 40%', '4¢/kg', '$2.50/thousand + 40%')
    """
    for pattern, plain in _TIDY:
        text = pattern.sub(plain, text)
    return text
