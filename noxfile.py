"""Tasks in environments of their own: ``nox -l`` lists them, ``nox -s lint types tests`` runs three
of them."""

import nox

nox.needs_version = ">=2025.2"
nox.options.default_venv_backend = "uv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "types", "tests"]

PYTHONS = ["3.11", "3.12", "3.13"]
SMOKE = ["tests/smoke", "tests/scale/test_doors.py"]
FOR_USERS = "plot,polars,excel,duckdb,dask,spark"


@nox.session
def lint(session: nox.Session) -> None:
    """The linter, and the formatter in check mode."""
    session.install("-e", ".[test]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", "tariffcalc")


@nox.session
def types(session: nox.Session) -> None:
    """The type checker."""
    session.install("-e", ".[test]")
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """The tests of every day; arguments after ``--`` go to pytest."""
    session.install("-e", ".[test]")
    session.run("pytest", *(session.posargs or ["-n", "auto"]))


@nox.session
def nightly(session: nox.Session) -> None:
    """The long tests: the oracle at full size, every flipped bit, the benchmarks."""
    session.install("-e", ".[test]")
    session.run("pytest", "-m", "nightly", *(session.posargs or ["-n", "2"]))


@nox.session
def quick(session: nox.Session) -> None:
    """What is tried before each commit: the linter, the architecture, the names, the units."""
    session.install("-e", ".[test]")
    session.run("ruff", "check", ".")
    session.run(
        "pytest",
        *(session.posargs or ["-n", "2"]),
        "tests/architecture",
        "tests/test_units.py",
        "tests/api",
    )


@nox.session
def cases(session: nox.Session) -> None:
    """The seeds checked, and the worked examples; arguments after ``--`` go to pytest, such as ``-k
    NAME``."""
    session.install("-e", ".[test]")
    session.run("tariffcalc", "check", "us")
    session.run("tariffcalc", "check", "in")
    session.run("pytest", "-n", "2", *session.posargs, "tests/cases")


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation, with warnings as errors."""
    session.install("-e", ".[docs]")
    session.run("python", "docs/build.py", *session.posargs)


@nox.session(python=PYTHONS)
@nox.parametrize("versions", ["lowest", "highest"])
def smoke(session: nox.Session, versions: str) -> None:
    """Every public function on every kind of input, with the oldest and the newest releases of the libraries
    that the project allows."""
    session.install(
        "--resolution", "lowest-direct" if versions == "lowest" else "highest", "-e", f".[{FOR_USERS}]"
    )
    session.install("pytest", "pytest-xdist", "hypothesis")
    # old releases use what newer ones among them deprecate
    ignored = ["-W", "ignore::DeprecationWarning"] if versions == "lowest" else []
    session.run("pytest", *ignored, *(session.posargs or ["-n", "2"]), *SMOKE)
