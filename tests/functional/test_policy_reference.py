"""The pages of the policy: what is kept is today's, nothing is left out, and every link leads somewhere."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from recommender.cli import main
from recommender.policy import Policy

ROOT = Path(__file__).parents[2]
STORED = ROOT / "docs" / "policy"
RENEW = "the policy and docs/policy/ differ: run `make docs`, look at the difference, and commit it with the change"
COHORT = ROOT / "data" / "referrals.csv"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the reference as `make docs` writes it, and the HTML document."""
    folder = tmp_path_factory.mktemp("reference")
    (about,) = re.findall(r"^COHORT := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    arguments = ["policy", "reference", str(folder), "--cohort", str(COHORT), "--about", about]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    return folder


def test_the_pages_kept_are_todays(made: Path) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in made.glob("*.md")}
    kept = {path.name: path.read_text(encoding="utf-8") for path in STORED.glob("*.md")}
    assert sorted(kept) == sorted(texts), RENEW
    assert [name for name in texts if texts[name] != kept[name]] == [], RENEW


def test_every_rule_stands_on_one_page_and_every_page_says_what_it_is_not(made: Path, policy: Policy) -> None:
    pages = {path.name: path.read_text(encoding="utf-8") for path in made.glob("*.md")}
    headings = Counter(name for text in pages.values() for name in re.findall(r"^### (\w+):", text, re.MULTILINE))
    assert headings == Counter([*policy.rules, *policy.plan_rules])
    for name, text in pages.items():
        assert "Not clinically validated" in text, name
        assert "synthetic" in text, name


def test_what_a_rule_is_true_for_is_counted(made: Path) -> None:
    text = (made / "red_flags.md").read_text(encoding="utf-8")
    rule = text.split("### RF26")[1].split("###")[0]
    (certain, people) = map(int, re.findall(r"certainly true for (\d+) of (\d+)", rule)[0])
    rows = [line for line in COHORT.read_text(encoding="utf-8").splitlines() if line]
    place = rows[0].split(",").index("injecting")
    assert people == len(rows) - 1
    assert certain == sum(row.split(",")[place] == "yes" for row in rows[1:])


def test_every_link_in_the_markdown_leads_somewhere(made: Path) -> None:
    for path in made.glob("*.md"):
        for target in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
            name, _, anchor = target.partition("#")
            found = (made / name).read_text(encoding="utf-8")
            assert not anchor or f'<a id="{anchor}"></a>' in found, target


class Document(HTMLParser):
    """The ids and links of an HTML document, and whatever it would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" and "href" in found else []
        self.fetched += [found[key] for key in ("src", "srcset", "data") if key in found]
        self.fetched += [tag] if tag in ("script", "link", "iframe") else []


def test_the_html_is_whole_in_itself(made: Path, policy: Policy) -> None:
    text = (made / "policy.html").read_text(encoding="utf-8")
    document = Document(text)
    assert document.fetched == []
    assert "url(" not in text
    assert len(set(document.ids)) == len(document.ids)
    assert {link.removeprefix("#") for link in document.links} <= set(document.ids)
    assert text.count("Not clinically validated. It supports") >= text.count("<section id=")
    assert len(document.ids) > len(policy.rules)


def test_a_cohort_is_not_needed(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["policy", "reference", str(tmp_path), "--format", "markdown"])
    assert done.exit_code == 0, done.output
    assert "In the sample" not in (tmp_path / "placement.md").read_text(encoding="utf-8")
    assert not (tmp_path / "policy.html").exists()
