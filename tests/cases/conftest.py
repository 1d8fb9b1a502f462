"""Which cases run when: the law as it was known on a day is a law of its own, which takes seconds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

IN_EACH_RUN = 3  # one day in so many


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Leave the cases of most such days to the night, unless cases are asked for by name (``-k``)."""
    if config.option.keyword:
        return
    cases = [
        (item, item.callspec.params)
        for item in items
        if isinstance(item, pytest.Function) and item.originalname == "test_case"
    ]
    laws = sorted(
        {
            (given["territory"], str(given["case"]["known_on"]))
            for _, given in cases
            if "known_on" in given["case"]
        }
    )
    each_run = set(laws[::IN_EACH_RUN])
    for item, given in cases:
        known_on = given["case"].get("known_on")
        if known_on is not None and (given["territory"], str(known_on)) not in each_run:
            item.add_marker(pytest.mark.nightly)
