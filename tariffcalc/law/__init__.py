"""The law as models: acts, programs, measures, duties, facts, areas, the schedule, valuation; and the
rulebook that holds them."""
