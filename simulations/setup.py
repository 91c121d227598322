"""Which packages the wheel holds: this folder and every folder of a scenario, found and not listed."""

from setuptools import find_packages, setup  # type: ignore[import-untyped]

PACKAGE = "simulations"

setup(
    script_name="setup.py",  # so that it is not packed itself
    packages=[PACKAGE, *(f"{PACKAGE}.{name}" for name in find_packages(exclude=["build", "build.*"]))],
    package_dir={PACKAGE: "."},
    package_data={"": ["*.toml", "*.md", "*.json"]},
    exclude_package_data={PACKAGE: ["pyproject.toml"]},
)
