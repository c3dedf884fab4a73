"""What a run says while it runs: to people, to machines, and to nobody."""

import json

from toolkit.cli import main
from toolkit.cli.progress import Events


def told(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_run_tells_machines_in_lines_of_json(small_study, tmp_path, capsys):
    command = ["run", str(small_study()), "--out", str(tmp_path / "run"), "--json"]
    assert main(command) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    events = told(shown.err)
    ended = [e for e in events if e["event"] == "end"]
    assert [e["stage"] for e in ended] == [
        "read", "clean", "stories", "mentions", "score", "estimate", "quality", "figures", "report"
    ]  # fmt: skip
    assert not any(e["kept"] for e in ended)
    assert [e["stage"] for e in events if e["event"] == "start"] == [e["stage"] for e in ended]
    assert events[-1]["event"] == "finished"
    assert events[-1]["articles"] == 6
    assert main(command) == 0
    assert all(e["kept"] for e in told(capsys.readouterr().err) if e["event"] == "end")


def test_faults_and_notes_are_events_too(small_study, tmp_path, capsys):
    study = small_study(corpus={"articles": "articles", "least_articles": 4})
    assert main(["run", str(study), "--out", str(tmp_path / "run"), "--json"]) == 2
    events = told(capsys.readouterr().err)
    assert events[-1]["event"] == "error"
    assert "no outlet has 4 articles" in events[-1]["words"]


def test_events_do_not_come_too_often(capsys, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    events = Events()
    events.start("score")
    for done in range(1000):
        now[0] += 0.001
        events.advance(done, 1000)
    events.end("score", 1.0, False)
    made = told(capsys.readouterr().err)
    assert [e["event"] for e in made] in (["start", "progress", "end"], ["start", "progress", "progress", "end"])
    assert 495 <= made[1].pop("done") <= 505
    assert made[1] == {"event": "progress", "stage": "score", "total": 1000}


def test_nothing_moves_where_there_is_no_terminal(small_study, tmp_path, capsys):
    study = small_study()
    assert main(["run", str(study), "--out", str(tmp_path / "run")]) == 0
    shown = capsys.readouterr().err
    assert len(shown.splitlines()) == 9
    assert "\x1b" not in shown
    assert "\r" not in shown
    assert main(["run", str(study), "--out", str(tmp_path / "run"), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
