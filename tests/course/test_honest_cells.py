"""What students use in their answers works in the cage as it does in Jupyter, without a warning."""

import pytest
from test_kernels import posix

from w2s_kit.course import caged_cells
from w2s_kit.course.caged_cells import Cell, run_cells
from w2s_kit.shared.cage.tried import missing_bounds

HONEST = {
    "a picture": "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()",
    "magics": "%time sum(range(10))\n%load_ext autoreload",
    "files": "import os, shutil\nos.mkdir('sub')\nopen('a', 'w').write('1')\nos.rename('a', 'sub/b')\n"
    "shutil.copy('sub/b', 'c')\nshutil.move('c', 'sub/d')\nshutil.rmtree('sub')",
    "tables": "import numpy as np, pandas as pd\nnp.save('x', np.ones(3))\n"
    "pd.DataFrame({'a': [1]}).to_csv('t.csv')\npd.read_csv('t.csv')",
    "tensors": "import torch\ntorch.save({'a': torch.ones(3)}, 'm.pt')\ntorch.load('m.pt')\n"
    "torch.nn.Linear(2, 2)(torch.ones(1, 2)).sum().backward()\ntorch.set_num_threads(2)\n"
    "torch.randn(300, 300) @ torch.randn(300, 300)\n"
    "next(iter(torch.utils.data.DataLoader([1, 2, 3], batch_size=2)))",
    "fits": "from sklearn.linear_model import LogisticRegression\nx = np.random.randn(50, 3)\n"
    "LogisticRegression().fit(x, (x[:, 0] > 0).astype(int)).score(x, x[:, 0] > 0)",
    "clusters": "from sklearn.cluster import KMeans\nKMeans(2, n_init=1).fit(np.random.randn(50, 3))",
    "copies": "os.makedirs('from/a')\nopen('from/a/b', 'w').write('1')\nshutil.copytree('from', 'to')\n"
    "shutil.copy2('to/a/b', 'c')\nshutil.make_archive('packed', 'zip', 'to')",
    "threads": "from concurrent.futures import ThreadPoolExecutor\n"
    "list(ThreadPoolExecutor(2).map(str, range(3)))",
    "waiting": "import asyncio\nawait asyncio.sleep(0.01)",
    "a data base": "import sqlite3\nd = sqlite3.connect('d.db')\nd.execute('create table t(a)')\nd.commit()\n"
    "d.execute('pragma journal_mode = wal')\nd.close()",
    "a temporary file": "import tempfile\ntempfile.NamedTemporaryFile().write(b'x')",
    "pickles": "from dataclasses import dataclass\nimport pickle\n@dataclass\nclass A:\n    x: int\n"
    "pickle.loads(pickle.dumps(A(1)))",
    "its own source": "import inspect\ndef f(): return 1\ninspect.getsource(f)",
    "time zones": "import datetime, zoneinfo\ndatetime.datetime.now(zoneinfo.ZoneInfo('Europe/Berlin'))",
    "the kit": "from w2s_kit import load_family\nload_family()",
    "a bar": "from tqdm.auto import tqdm\nfor i in tqdm(range(3)): pass",
    "who and where": "import getpass, platform\ngetpass.getuser(), platform.platform(), os.cpu_count()",
    "other letters": "print('ü€😀')",
}


@posix
def test_honest_code_notices_nothing():
    ran, why = run_cells([Cell("student", name, source) for name, source in HONEST.items()])
    assert why == "" and len(ran) == len(HONEST)
    for name, one in zip(HONEST, ran):
        errors = [o for o in one.outputs if o["output_type"] == "error" or o.get("name") == "stderr"]
        assert one.ok and not errors, (name, errors)
    assert ran[-1].outputs[0]["text"] == "ü€😀\n"


@posix
@pytest.mark.parametrize(
    "source", ["import os\nos.fork()", "import subprocess\nsubprocess.run(['ls'])", "!ls"]
)
def test_other_processes_are_refused_and_the_next_cell_runs(source):
    if missing := missing_bounds():
        pytest.skip(f"this machine cannot forbid: {', '.join(missing)}")
    first, second = run_cells([Cell("student", "one", source), Cell("student", "two", "1 + 1")])[0]
    assert not first.ok and second.ok


@posix
def test_an_installed_kit_keeps_its_neighbours(tmp_path, monkeypatch):
    """In site-packages the kit stands beside all that it imports: its folder stays on the path."""
    beside = tmp_path / "site-packages"
    beside.mkdir()
    (beside / "neighbour.py").write_text("here = 1")
    (beside / "w2s_kit").mkdir()
    (beside / "w2s_kit" / "__init__.py").write_text("")
    tmp_path.chmod(0o755)
    monkeypatch.setattr(caged_cells, "KIT", beside / "w2s_kit")
    monkeypatch.syspath_prepend(str(beside))
    (ran,), why = run_cells([Cell("student", "one", "import neighbour, w2s_kit\nw2s_kit.__file__")])
    assert ran.ok and str(beside) in ran.outputs[0]["data"]["text/plain"]
