import os
import subprocess
import sys

IMPORT = """
import sys
from pathlib import Path
from indexer.database.catalogue import Catalogue
from indexer.documents.importing import import_documents
from indexer.documents.sources import find_sources

def tell(phase, done, total):
    print(phase, done, flush=True)

with Catalogue.open(Path(sys.argv[1])) as catalogue:
    import_documents(catalogue, "news", find_sources(["-"], "jsonl"), progress=tell)
"""


def test_an_import_that_is_killed_leaves_nothing(catalogue, import_bytes, tmp_path):
    data_dir = tmp_path / "data"
    before = sorted(os.listdir(data_dir))
    lines = b"".join(b'{"id": %d, "text": "a"}\n' % i for i in range(3000))
    command = [sys.executable, "-c", IMPORT, str(data_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(lines)
        child.stdin.flush()
        assert child.stdout.readline() == b"read 1000\n"
        assert child.stdout.readline() == b"read 2000\n"
        child.kill()
    assert child.returncode == -9
    assert catalogue.indexes.list() == []
    assert sorted(os.listdir(data_dir)) == before
    assert import_bytes(lines).added == 3000
