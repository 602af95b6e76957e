"""The suite on each supported pair of Python and Django: `nox`."""

import nox

nox.options.error_on_missing_interpreters = True


@nox.session
@nox.parametrize(
    ("python", "django"),
    [("3.11", "5.2"), ("3.12", "6.0"), ("3.13", "6.1")],
)
def tests(session: nox.Session, django: str) -> None:
    """Run the suite on every database; arguments go to pytest."""
    session.install("--require-hashes", "-r", "requirements/test.txt")
    session.install(f"Django~={django}.0")
    session.install("--no-deps", "--no-build-isolation", "--editable", ".")
    session.run("python", "-m", "tests", *session.posargs)
