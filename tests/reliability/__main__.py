"""The long form: `python -m tests.reliability [arguments of pytest]`."""

import os
import sys
from pathlib import Path

import pytest

from tests.reliability.extent import LONG

os.environ[LONG] = "1"
sys.exit(pytest.main(["-q", "-s", "-p", "no:cacheprovider", str(Path(__file__).parent), *sys.argv[1:]]))
