"""On a package index every link of the README leads somewhere."""

import re

from scripts.package_readme import Readme, with_whole_links
from scripts.set_up import ROOT

README = (ROOT / "README.md").read_text("utf-8")
PLACE = "https://github.com/ann/course/{}/v1/"


def targets(text: str) -> list[tuple[str, str]]:
    return re.findall(r"(!?)\[[^\]]*\]\(([^)]*)\)", text)


def test_links_and_pictures_lead_to_the_repository():
    found = targets(with_whole_links(README, "ann/course", "v1"))
    assert len(found) == len(targets(README)) > 30
    assert len([mark for mark, _ in found if mark]) >= 4
    for mark, address in found:
        start = PLACE.format("raw" if mark else "blob")
        assert address.startswith(start)
        assert (ROOT / address.removeprefix(start)).exists(), address


def test_without_a_repository_words_stay_and_pictures_go():
    text = with_whole_links(README, "", "")
    assert targets(text) == []
    for words in ("00 Start here", "docs/instructors.md", "code of conduct"):
        assert words in text
    assert "The first page in JupyterLab" not in text
    assert "\n\n\n" not in text


def test_other_links_stay():
    text = "[a](https://example.org) [b](#start) ![c](https://example.org/c.png)"
    assert with_whole_links(text, "ann/course", "") == text


def test_the_package_has_this_readme():
    metadata = {}
    Readme(str(ROOT), {}).update(metadata)
    assert metadata["readme"]["content-type"] == "text/markdown"
    assert "pip install" in metadata["readme"]["text"]
    assert "](docs/" not in metadata["readme"]["text"]
