"""Where the bundled seeds are: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from tariffcalc.errors import CoverageError

_PACKAGE = Path(__file__).resolve().parent.parent


_INSTALLED = _PACKAGE / "_seeds"


def is_installed(folder: Path) -> bool:
    """Whether a folder of seeds is part of the installed package."""
    return _INSTALLED in folder.resolve().parents


def seeds_folder() -> Path:
    """The folder of bundled law; raises FileNotFoundError with both places it looked."""
    places = (_INSTALLED, _PACKAGE.parent / "seeds")
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"no seeds: looked in {places[0]} and {places[1]}; reinstall the package")


def territory_folder(territory: str | Path) -> Path:
    """The folder of a territory: one of the bundled ones by name, or any folder of the same form by path."""
    given = Path(territory)
    if given.is_dir() and (given / "territory.yaml").is_file():
        return given
    bundled = seeds_folder()
    if (bundled / str(territory) / "territory.yaml").is_file():
        return bundled / str(territory)
    known = sorted(path.parent.name for path in bundled.glob("*/territory.yaml"))
    raise CoverageError(
        f"no law is held of territory {str(territory)!r}: bundled are {', '.join(known)}; or give the path of"
        " a folder with territory.yaml"
    )


_EXAMPLES = (_PACKAGE / "_examples", _PACKAGE.parent / "examples")


def example_files(pattern: str) -> list[Path]:
    """The bundled example files of a pattern, by name."""
    return next((found for place in _EXAMPLES if (found := sorted(place.glob(pattern)))), [])


def example_file(name: str) -> Path:
    """A bundled example file."""
    places = [place / name for place in _EXAMPLES]
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError(f"no example {name}: looked in {places[0]} and {places[1]}")
