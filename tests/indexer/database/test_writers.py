"""Several writers of one catalogue at the same time."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.indexer.database.catalogues import store, texts

IMPORT = """
import sys
from pathlib import Path
from indexer.database.catalogue import Catalogue
from indexer.documents.importing import import_documents
from indexer.documents.sources import find_sources

with Catalogue.open(Path(sys.argv[1])) as catalogue:
    print(import_documents(catalogue, "news", find_sources([sys.argv[2]])).added)
"""


def test_two_processes_that_import_at_once_both_succeed(catalogue, tmp_path):
    def run_import(name):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(f'{{"id": "{name}{i}", "text": "t{i}"}}\n' for i in range(3000)))
        command = [sys.executable, "-c", IMPORT, str(tmp_path), str(path)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run_import, "ab")) == ["3000\n", "3000\n"]
    assert catalogue.documents.count("news") == catalogue.indexes.get("news").seq == 6000


def test_threads_that_write_at_once_all_succeed(catalogue):
    def write(number):
        store(catalogue, "news", texts(**{f"d{number}": "text"}))
        return catalogue.tasks.create("import", "news").id

    with ThreadPoolExecutor(8) as pool:
        tasks = list(pool.map(write, range(40)))
    assert len(set(tasks)) == 40
    assert catalogue.documents.count("news") == catalogue.indexes.get("news").seq == 40
