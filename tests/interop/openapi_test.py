#!/usr/bin/env python3
"""What a server says of itself is true: openapi_test.py PATH_OF_HEED [EXAMPLES]

schemathesis makes requests of openapi.json, right and wrong ones, and looks whether answers are as it describes them, whether what is right is
answered and what is wrong is refused, and whether the server lives. That values do not go together cannot be said there: of requests whose
values are each right some are answered 422, or 413. Exit status 77, with a reason, where schemathesis is not installed.
"""

import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../src/app/tests"))
from server import Server  # noqa: E402
from small_models import train  # noqa: E402

CONFIG = """\
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "404", "413", "422", "429", "503"]
[checks.negative_data_rejection]
expected-statuses = ["400", "404", "405", "413", "415", "422", "429", "503"]
"""


def main():
    if importlib.util.find_spec("schemathesis") is None:
        print("skipped: there is no schemathesis (scripts/setup --tests installs it from PyPI)")
        return 77
    heed, examples = os.path.realpath(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "30"
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        train(heed, "luong", "model.attention.kind=luong-general")
        pathlib.Path("schemathesis.toml").write_text(CONFIG, encoding="utf-8")
        with Server(heed, "--model", "luong", "--learn", "learnt", "--projects", "3", "--forget", "10000") as server:
            words = [sys.executable, "-m", "schemathesis.cli", "run", f"{server.address}openapi.json", "--checks", "all", "--max-examples", examples, "--seed", "1", "--no-color"]
            ended = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            print(ended.stdout)
            alive = server.process.poll() is None
        os.chdir("/")
    return 0 if ended.returncode == 0 and alive else 1


sys.exit(main())
