"""How quick the desk is for many coordinators at once, and whether it loses an answer when it is killed.

    python benchmarks/desk.py [--coordinators 50] [--seconds 60] [--think 3] [--kills 20]

The real server, started by `recommender serve` on SQLite, and a load generator on the same machine. Each coordinator
asks for the next questions, answers one, waits about `--think` seconds as if the person were talking, and so on; with
`--think 0` nobody waits, which shows what the server can do at most. Then the server is killed (SIGKILL) again and
again in the middle of it and started anew: every answer that it had acknowledged must be there, and the audit log
whole. Everybody in it is made up.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from recommender.answers import Answer, write_text
from recommender.policy_file import load_policy
from recommender.rules.bounds import ANSWERED
from recommender.simulation import simulate_answers
from recommender.store import create_store, new_ring, open_store, read_keys, write_keys
from recommender.store.anchor import read_heads
from recommender.store.assessments import in_force
from recommender.store.audit_check import check
from recommender.store.schema import new_id
from recommender.store.users import User, hashed

PASSWORD = "four words of nothing"  # noqa: S105  # of people who do not exist
NAMED = re.compile(r'data-question="([a-z0-9_]+)"')
SECRET = re.compile(r'name="form_secret" value="([^"]+)"')
SEEN = re.compile(r'name="seen" value="(\d+)"')


@dataclass
class Figures:
    """Seconds of each kind of request, what went wrong, and by assessment the answers that were acknowledged."""

    asked: list[float] = field(default_factory=list)
    saved: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    acknowledged: dict[str, dict[str, str]] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """The figures in milliseconds."""
        found: dict[str, Any] = {}
        for name, times in (("next questions", self.asked), ("save an answer", self.saved)):
            ends = [round(1000 * float(np.percentile(times, q))) for q in (50, 90, 99)] if times else []
            found[name] = {"requests": len(times), "p50_ms, p90_ms, p99_ms": ends}
        return {**found, "errors": len(self.errors), "kinds of errors": sorted(set(self.errors))[:5]}


class Server:
    """`recommender serve` on a folder of its own."""

    def __init__(self, folder: Path, coordinators: int) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        write_keys(new_ring(), folder / "keys")
        store = create_store(self.database, read_keys(folder / "keys"), heads=folder / "heads")
        secret = hashed(PASSWORD, "somebody")
        with store.writing() as work:
            people = [
                User(
                    id=new_id(),
                    name=f"c{number}",
                    display=f"c{number}",
                    role="coordinator",
                    site="north",
                    password_hash=secret,
                    disabled=False,
                    created_at=work.now,
                )
                for number in range(coordinators)
            ]
            work.session.add_all(people)
        store.close()

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder / 'desk.db'}"

    def start(self) -> None:
        """Starts it and waits until it answers."""
        command = [sys.executable, "-m", "recommender", "serve", "--folder", str(self.folder), "--port", str(self.port)]
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, **quiet)
        while True:
            try:
                if httpx.get(f"{self.address}/healthz", timeout=1).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)

    def kill(self) -> None:
        """Ends it as a failing machine would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


class Coordinator:
    """One coordinator in the middle of an interview, with a person whose answers are known beforehand."""

    def __init__(self, server: Server, number: int, truth: dict[str, str], figures: Figures, think: float) -> None:
        self.client = httpx.AsyncClient(base_url=server.address, timeout=60)
        self.number, self.truth, self.figures, self.think = number, truth, figures, think
        self.luck = np.random.default_rng(number)
        self.secret, self.page = "", ""

    async def arrive(self) -> None:
        """Signs in, adds a referral and begins an assessment."""
        form = SECRET.search((await self.client.get("/sign-in")).text)
        assert form
        signed = {"name": f"c{self.number}", "password": PASSWORD, "form_secret": form[1], "back": "/"}
        assert (await self.client.post("/sign-in", data=signed)).status_code == 303
        found = SECRET.search((await self.client.get("/policy")).text)
        assert found
        self.secret = found[1]
        about = {"given_name": "A", "family_name": f"B{self.number}", "born": "1980-02-03", "source": "self"}
        referral = (await self.send("/referrals", priority="none", **about)).headers["location"]
        self.page = (await self.send(f"{referral}/assessments")).headers["location"]
        self.figures.acknowledged[self.page.split("/")[-1]] = {}

    async def send(self, path: str, **fields: str) -> httpx.Response:
        return await self.client.post(path, data={"form_secret": self.secret, **fields})

    async def work(self, until: float) -> None:
        """Asks and answers until it is time to stop; what the server does not answer is an error."""
        await asyncio.sleep(self.think * self.luck.random())
        while time.perf_counter() < until:
            try:
                await self.one_answer()
            except httpx.TransportError as error:
                self.figures.errors.append(type(error).__name__)
                return
            await asyncio.sleep(self.think * self.luck.uniform(0.5, 1.5))

    async def one_answer(self) -> None:
        began = time.perf_counter()
        shown = await self.client.get(self.page)
        self.figures.asked.append(time.perf_counter() - began)
        if shown.status_code != 200:
            self.figures.errors.append(f"page {shown.status_code}")
            return
        names, seen = NAMED.findall(shown.text), SEEN.search(shown.text)
        if "alarm" in shown.text:
            flag = re.search(r'name="flag" value="([^"]+)"', shown.text)
            assert flag
            assert seen
            await self.send(f"{self.page}/acknowledge", flag=flag[1], seen=seen[1])
            return
        if not names or seen is None:
            await self.begin_again()
            return
        text = self.truth.get(names[0], "not_known")
        began = time.perf_counter()
        told = await self.send(f"{self.page}/answer", **{f"q.{names[0]}": text, "seen": seen[1]})
        self.figures.saved.append(time.perf_counter() - began)
        if told.status_code == 200:
            self.figures.acknowledged[self.page.split("/")[-1]][names[0]] = text
        elif told.status_code == 422:
            await self.send(f"{self.page}/answer", **{f"q.{names[0]}": "not_known", "seen": seen[1]})
        else:
            self.figures.errors.append(f"answer {told.status_code}")

    async def begin_again(self) -> None:
        """The next person, once an interview is over."""
        self.truth = {}
        await self.arrive()


async def load(server: Server, figures: Figures, truths: list[dict[str, str]], seconds: float, think: float) -> None:
    """All coordinators at once."""
    people = [Coordinator(server, n, truth, figures, think) for n, truth in enumerate(truths)]
    for person in people:
        await person.arrive()
    until = time.perf_counter() + seconds
    await asyncio.gather(*(person.work(until) for person in people))
    for person in people:
        await person.client.aclose()


def killed(server: Server, truths: list[dict[str, str]], kills: int) -> dict[str, Any]:
    """Kills the server under load again and again; how many acknowledged answers are gone, and is the log whole."""
    lost, acknowledged, broken = 0, 0, 0
    for round_number in range(kills):
        figures = Figures()
        server.start()
        asyncio.run(load_and_kill(server, figures, truths, np.random.default_rng(round_number).uniform(0.3, 2.5)))
        store = open_store(server.database, read_keys(server.folder / "keys"), heads=server.folder / "heads")
        with store.snapshot() as work:
            for assessment, answers in figures.acknowledged.items():
                kept = {row.question for row in in_force(work, assessment)}
                acknowledged += len(answers)
                lost += len(answers.keys() - kept)
            broken += bool(check(work, read_heads(server.folder / "heads")).findings)
        store.close()
    return {"kills": kills, "acknowledged": acknowledged, "lost": lost, "audit log broken": broken}


async def load_and_kill(server: Server, figures: Figures, truths: list[dict[str, str]], after: float) -> None:
    async def strike() -> None:
        await asyncio.sleep(after)
        await asyncio.to_thread(server.kill)

    people = [Coordinator(server, n, truth, figures, 0) for n, truth in enumerate(truths)]
    for person in people:
        await person.arrive()
    until = time.perf_counter() + 60
    await asyncio.gather(strike(), *(person.work(until) for person in people))
    for person in people:
        await person.client.aclose()


def people_of(count: int) -> list[dict[str, str]]:
    """The answers of made-up people, as a form sends them."""
    questions, answers = load_policy().questionnaire.questions, simulate_answers(count, 99, unknown_share=0)
    found: list[dict[str, str]] = [{} for _ in range(count)]
    for name, column in answers.columns.items():
        for row in np.flatnonzero(column.state == ANSWERED):
            found[row][name] = write_text(questions[name], Answer(int(column.lower[row]), int(column.upper[row])))
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--coordinators", type=int, default=50)
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--think", type=float, default=3)
    arguments.add_argument("--kills", type=int, default=20)
    given = arguments.parse_args()
    truths = people_of(given.coordinators)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), given.coordinators)
        for think in (given.think, 0.0):
            figures = Figures()
            server.start()
            asyncio.run(load(server, figures, truths, given.seconds, think))
            server.stop()
            print(json.dumps({"coordinators": given.coordinators, "think_s": think, **figures.told()}), flush=True)
        print(json.dumps(killed(server, truths[:5], given.kills)), flush=True)


if __name__ == "__main__":
    main()
