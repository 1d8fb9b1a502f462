"""What does one shipment owe, and why?  Prints a note for the file: every heading charged or refused, with
its act."""

import tariffcalc as tc

us = tc.load("us")

shipment = tc.Shipment(
    entered="2025-09-20",  # the day of entry decides which law applies ...
    loaded="2025-08-05",  # ... and the day of loading whether goods afloat keep the old rate
    transport="vessel",
    lines=[tc.Line(commodity="6109.10.00.12", origin="IN", value="10000", quantity={"doz": 500, "kg": 900})],
)
estimate = us.estimate(shipment)

print(estimate.explain())
print(f"\nduty {estimate.duty}, fees {estimate.fees}, total {estimate.total} USD")
