"""No stored data is ever run: nothing is unpickled, and no part of the program could."""

import re
import subprocess
import sys
from pathlib import Path

from tests.library import CATS_AND_DOGS, new_catalogue, store

ROOT = Path(__file__).parents[2]
FORBIDDEN = re.compile(
    r"^\s*(?:import|from) (?:pickle|marshal|shelve|dill|joblib|cloudpickle)\b"
    r"|allow_pickle=True|weights_only=False|\beval\(|\bexec\(|\b__reduce__\b",
    re.MULTILINE,
)

_REFUSING = """
import sys
from pathlib import Path

def refuse(event, arguments):
    if event in ("pickle.find_class", "marshal.loads"):
        frame = sys._getframe()
        while frame is not None:
            name = frame.f_globals.get("__name__", "")
            if name.startswith(("numba", "importlib", "zipimport", "llvmlite", "multiprocessing")):
                return  # compiled code, in a private folder of its own, and modules
            frame = frame.f_back
        raise RuntimeError(f"{event}: {arguments}")

sys.addaudithook(refuse)
from app.search.engines import Engines
from app.search.request import SearchRequest
from app.search.searcher import search
from indexer.build import build_generation
from indexer.database import Catalogue
folder = Path(sys.argv[1])
with Catalogue.open(folder) as catalogue:
    build_generation(catalogue, folder, "pets")
    found = search(catalogue, Engines(catalogue, folder).get("pets"), SearchRequest(q="fish"))
    print(len(found.hits))
"""


def test_no_source_could_run_data():
    for folder in ("app", "indexer", "migrations"):
        for path in (ROOT / folder).rglob("*.py"):
            assert FORBIDDEN.search(path.read_text()) is None, path


def test_a_build_and_a_search_unpickle_nothing(tmp_path):
    with new_catalogue(tmp_path) as catalogue:
        store(catalogue, "pets", CATS_AND_DOGS)
    command = [sys.executable, "-c", _REFUSING, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.returncode) == ("3\n", 0), ended.stderr
