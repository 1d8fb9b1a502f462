"""Lines to postings, in integers: patterns, outcomes, amounts, ledger; knows no text and no law."""
