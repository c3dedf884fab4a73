"""toolkit import: exports to one table, what it says, and the same bytes twice."""

import json
import warnings

import pandas as pd
import pyarrow.parquet as pq
import pytest
from samples import newsapi

from toolkit.cli import main
from toolkit.corpora import import_articles, read_articles
from toolkit.corpora.importing import COUNTED, GROUP
from toolkit.corpora.outlets import fold_outlet, load_outlets
from toolkit.errors import InputError

PROSE = "Turkey warned Syria on Friday that its patience was at an end."


def export(folder, number=3, **changes):
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {"title": f"Report {i}", "text": f"{PROSE} {i}", "date": f"2020-02-{1 + i % 28:02}", "outlet": "bbc.co.uk"}
        | changes
        for i in range(number)
    ]
    (folder / "export.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def command(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


# The table ------------------------------------------------------------------------------------------


def test_the_table_equals_what_reading_gives(tmp_path):
    export(tmp_path / "in", 2 * GROUP + 7)
    (tmp_path / "in" / "empty.txt").write_text("")
    found = import_articles([tmp_path / "in"], tmp_path / "out" / "a.parquet")
    articles, rejected = read_articles(tmp_path / "in")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out" / "a.parquet"), articles)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "out" / "rejected.csv", dtype="str"), rejected)
    assert (found.files, found.articles, found.rejected, found.missing_dates) == (2, 2 * GROUP + 7, 1, 0)
    assert pq.ParquetFile(tmp_path / "out" / "a.parquet").metadata.num_row_groups == 3
    assert [p.name for p in sorted((tmp_path / "out").iterdir())] == ["a.parquet", "rejected.csv"]


def test_the_imported_table_reads_back_with_its_ids(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(newsapi()))
    import_articles([folder], tmp_path / "a.parquet")
    first, again = read_articles(folder)[0], read_articles(tmp_path / "a.parquet")[0]
    kept = ["article_id", "outlet", "date", "title", "text", "url", "truncated", "warnings", "byline"]
    pd.testing.assert_frame_equal(first[kept], again[kept])
    assert first["truncated"].to_list() == [True]


def test_the_same_import_twice_gives_the_same_bytes(tmp_path):
    export(tmp_path / "in", 2500)
    for name in ("x", "y"):
        import_articles([tmp_path / "in"], tmp_path / name / "a.parquet")
    for name in ("a.parquet", "rejected.csv"):
        assert (tmp_path / "x" / name).read_bytes() == (tmp_path / "y" / name).read_bytes()


def test_progress_within_one_file(tmp_path):
    export(tmp_path / "in", 2 * GROUP + 250)
    seen = []
    import_articles([tmp_path / "in"], tmp_path / "a.parquet", counted=seen.append)
    assert seen == [*range(COUNTED, 2 * GROUP + 250, COUNTED)]


def test_several_paths_keep_their_names_apart(tmp_path):
    export(tmp_path / "x" / "in")
    export(tmp_path / "y" / "in", outlet="The Courier")
    export(tmp_path / "z", outlet="The Post")
    paths = [tmp_path / "x" / "in", tmp_path / "y" / "in", tmp_path / "z" / "export.jsonl"]
    import_articles(paths, tmp_path / "a.parquet")
    assert list(pd.read_parquet(tmp_path / "a.parquet")["source_file"].unique()) == [
        "in/export.jsonl", "in-2/export.jsonl", "z/export.jsonl",
    ]  # fmt: skip
    with pytest.raises(InputError, match="a path is given twice; give each path once"):
        import_articles([tmp_path / "z", tmp_path / "x" / ".." / "z"], tmp_path / "a.parquet")


def test_ids_differ_over_all_paths(tmp_path):
    export(tmp_path / "x")
    export(tmp_path / "y")
    found = import_articles([tmp_path / "x", tmp_path / "y"], tmp_path / "a.parquet")
    assert (found.articles, found.rejected, found.duplicates) == (3, 3, 3)
    rejected = pd.read_csv(tmp_path / "rejected.csv")
    assert rejected.iloc[0].to_list() == [
        "y/export.jsonl", "line 1", "the same article (outlet, date, title, text) stands in x/export.jsonl, line 1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("a.csv", r"--out is '.*a.csv'; expected a file named \*.parquet"),
        ("in/a.parquet", "lies in '.*in', which is read; write it elsewhere"),
    ],
)
def test_where_the_table_may_not_go(out, words, tmp_path):
    with pytest.raises(InputError, match=words):
        import_articles([export(tmp_path / "in")], tmp_path / out)


def test_a_fault_leaves_nothing_behind(tmp_path):
    export(tmp_path / "in", date="3/4/2020")
    with pytest.raises(InputError, match="can be 3 April or 4 March"):
        import_articles([tmp_path / "in"], tmp_path / "out" / "a.parquet")
    export(tmp_path / "flat", outlet=None)
    (tmp_path / "flat" / "export.jsonl").rename(tmp_path / "loose.jsonl")
    with pytest.raises(InputError, match="no outlet is known for the articles of '.*loose.jsonl': give outlet='loose'"):
        import_articles([tmp_path / "loose.jsonl"], tmp_path / "out" / "a.parquet")
    assert not list((tmp_path / "out").iterdir())


# The command ----------------------------------------------------------------------------------------


def test_the_command_prints_a_table_and_ends_with_1_where_something_was_rejected(tmp_path, capsys):
    export(tmp_path / "in", 4)
    arguments = ["import", tmp_path / "in", "--out", tmp_path / "a.parquet"]
    code, out, err = command(capsys, *arguments)
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert code == 0
    assert lines[:12] == [
        "files 1", "articles 4", "rejected 0", "of these duplicates 0", "outlets 1: BBC News 4",
        "outlets folded bbc.co.uk -> BBC News", "dates 2020-02-01 to 2020-02-04", "missing dates 0",
        "languages not stated 4", "encodings utf-8 4", "truncated bodies 0", "with warnings 0",
    ]  # fmt: skip
    assert err.startswith("import ")
    (tmp_path / "in" / "short.txt").write_text("Truce.")
    code, out, _ = command(capsys, *arguments)
    assert code == 1
    assert f"Rejected, with reasons: {tmp_path / 'rejected.csv'}" in out
    assert command(capsys, *arguments, "--allow-rejected", "--quiet") == (0, "", "")


def test_the_command_maps_columns_and_outlets(tmp_path, capsys):
    (tmp_path / "a.csv").write_text(f"headline,body,paper,day\nAnkara warns,{PROSE},bbc,3/4/2020\n")
    code, _, _ = command(
        capsys, "import", tmp_path / "a.csv", "--columns", "text=content,body", "title=headline", "outlet=paper",
        "date=day", "--outlets", "bbc=BBC (Web)", "--dates", "dmy", "--format", "csv", "--out", tmp_path / "a.parquet",
    )  # fmt: skip
    assert code == 0
    row = pd.read_parquet(tmp_path / "a.parquet").iloc[0]
    assert row[["title", "text", "outlet"]].to_list() == ["Ankara warns", PROSE, "BBC (Web)"]
    assert row["date"] == pd.Timestamp("2020-04-03")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--columns", "text"], "--columns: 'text' has no two parts; expected NAME=VALUE, such as text=body"),
        (["--columns", "txet=body"], "columns: 'txet' is no field; did you mean 'text'?"),
        (["--format", "jsnol"], "format 'jsnol' is unknown; did you mean 'jsonl'?"),
        (["--dates", "dym"], "dates 'dym' is no order"),
    ],
)
def test_the_command_says_what_is_wrong(arguments, words, tmp_path, capsys):
    code, _, err = command(capsys, "import", export(tmp_path / "in"), "--out", tmp_path / "a.parquet", *arguments)
    assert code == 2
    assert words in err
    assert not (tmp_path / "a.parquet").exists()


# The table of outlets -------------------------------------------------------------------------------


def test_outlets_fold_and_their_own_name_wins(tmp_path):
    assert fold_outlet("  www.BBC.co.uk ") == "BBC News"
    assert fold_outlet("BBC  News") == "BBC News"
    assert fold_outlet("Anatolian Sun") == "Anatolian Sun"
    folder = export(tmp_path / "in")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert set(read_articles(folder)[0]["outlet"]) == {"BBC News"}
        assert set(read_articles(folder, outlets={"bbc.co.uk": "bbc.co.uk"})[0]["outlet"]) == {"bbc.co.uk"}
    (tmp_path / "a.txt").write_text(PROSE)
    assert read_articles(tmp_path / "a.txt", outlet="bbc")[0]["outlet"].to_list() == ["bbc"]


def test_the_table_of_outlets_is_sound(root):
    table = load_outlets()  # raises where one name stands for two
    assert len(set(table.values())) >= 60
    assert all(name == " ".join(name.split()) and name for name in table.values())
    vague = {"the times", "times", "the post", "post", "the national", "guardian", "telegraph", "star", "mail"}
    assert not vague & set(table)
