"""``python -m tariffcalc`` is the command line."""

from tariffcalc.cli import main

main()
