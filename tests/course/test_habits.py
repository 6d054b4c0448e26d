"""What CONTRIBUTING.md and its neighbours say is still true."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_version_is_the_same_everywhere():
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert yaml.safe_load(read("CITATION.cff"))["version"] == version


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    links = re.findall(r"\]\(([^)#]+)", read(name))
    places = [link for link in links if not link.startswith("http")]
    assert places
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_every_make_target_that_is_named_exists():
    known = set(re.findall(r"^([\w-]+):", read("Makefile"), re.MULTILINE))
    pages = [*PAGES, *(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/*.md"))]
    lines = [
        line for page in pages for line in re.findall(r"`make ([^`]+)`", read(page))
    ]
    named = {word for line in lines for word in line.split() if "=" not in word}
    assert {"test", "coverage", "test-lowest", "test-wheel"} <= named
    assert named - known == set()


def test_the_hooks_and_ci_name_what_exists():
    hooks = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"][0]["hooks"]
    assert [hook["id"] for hook in hooks] == ["ruff-check", "ruff-format", "build"]
    jobs = yaml.safe_load(read(".github/workflows/ci.yml"))["jobs"]
    known = set(re.findall(r"^([\w-]+):", read("Makefile"), re.MULTILINE))
    assert set(jobs["more"]["strategy"]["matrix"]["target"]) <= known
    floor = tomllib.loads(read("pyproject.toml"))["project"]["requires-python"]
    assert floor == ">=3.11"  # where the `all` job and the release begin
    first = jobs["all"]["steps"][1]["with"]["python-version"]
    assert first == "3.11"
    said = tomllib.loads(read("pyproject.toml"))["project"]["classifiers"]
    versions = re.findall(r"Python :: (3\.\d+)", "\n".join(said))
    assert versions == [first, *jobs["python"]["strategy"]["matrix"]["python-version"]]
