"""Explorers in JupyterLab, in a real browser: each renders, and draws anew when a control moves. Skipped
without Chromium and selenium (Debian: chromium and chromium-driver; then pip install selenium).
"""

import io
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

import nbformat
import numpy as np
import pytest
from PIL import Image

from w2s_kit.course.notebooks import kernel_environment

webdriver = pytest.importorskip("selenium.webdriver")
from selenium.common.exceptions import ElementNotInteractableException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("chromedriver")), reason="no chromium, or no chromedriver"
)

# name -> (what the notebook runs, a control, how it is moved, what must change)
SLIDER, IMAGE, TABLE = ".noUi-handle", ".jp-OutputArea-output img", ".jp-OutputArea-output table"
RUN = (
    "three_stages(Settings('danger', n_train=60, n_test=80, epochs=1), 'xs', 's', "
    "store=(store := Store('runs')), progress=False);"
)
EXPLORERS = {
    "pgr": (
        "from w2s_kit.report.widgets import pgr_explorer\npgr_explorer()",
        SLIDER,
        Keys.ARROW_RIGHT,
        IMAGE,
    ),
    "puzzle": (
        "from w2s_kit.tasks.chess import puzzles\n"
        "from w2s_kit.report.widgets import puzzle_explorer\n"
        "shown = puzzles().head(5)\n"
        "puzzle_explorer(shown.fen.tolist(), {'key': [moves.split()[0] for moves in shown.moves]})",
        SLIDER,
        Keys.ARROW_RIGHT,
        IMAGE,
    ),
    "runs": (
        "from w2s_kit import Settings, Store, three_stages\n"
        "from w2s_kit.report.widgets import run_explorer\n"
        f"{RUN}\nrun_explorer(store)",
        ".widget-toggle-button:nth-of-type(2)",
        None,
        TABLE,
    ),
    "claims": (
        "from w2s_kit.report.claims import scoreboard\n"
        "from w2s_kit.shared.files import results_folder\n"
        "from w2s_kit.report.widgets import claims_explorer\n"
        "claims_explorer(scoreboard(results_folder()))",
        "select",
        "chess",
        TABLE,
    ),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    for name, (source, *_) in EXPLORERS.items():
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%matplotlib inline\n" + source)])
        nb.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(nb, folder / f"{name}.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            "--expose-app-in-browser",
            f"--port={port}",
            "--IdentityProvider.token=",
            f"--ServerApp.root_dir={folder}",
            "--LabApp.news_url=",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=kernel_environment(),
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            with suppress(OSError):
                urllib.request.urlopen(f"{address}/api", timeout=5)
                break
            time.sleep(0.5)
        else:
            pytest.fail("JupyterLab did not start within two minutes")
        yield address
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-dev-shm-usage",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "no-first-run",
        "window-size=1500,1100",
        f"user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(f"--{flag}")
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.mark.parametrize("name", EXPLORERS)
def test_it_renders_and_reacts(lab, browser, name, tmp_path):
    _, control, move, output = EXPLORERS[name]
    wait = WebDriverWait(browser, 120, poll_frequency=0.5)

    def visible(selector):
        return [
            element for element in browser.find_elements(By.CSS_SELECTOR, selector) if element.is_displayed()
        ]

    def shown():
        with suppress(StaleElementReferenceException):  # replaced while we look
            return next((element.get_attribute("src") or element.text for element in visible(output)), None)

    browser.get(f"{lab}/lab/tree/{name}.ipynb?reset")
    # a command given before the kernel is there asks which one is meant, or is lost
    wait.until(
        lambda b: b.execute_script("""const app = window.jupyterapp;
        const shown = app && [...app.shell.widgets('main')].find(widget => widget.context);
        const session = shown && shown.context.sessionContext;
        const kernel = session && session.isReady && session.session && session.session.kernel;
        return kernel && kernel.connectionStatus === 'connected' && kernel.status === 'idle' &&
            document.querySelector('.jp-Notebook .jp-CodeCell') !== null""")
    )
    browser.execute_script("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    wait.until(lambda b: shown())
    before, screenshot = shown(), browser.get_screenshot_as_png()
    (tmp_path / f"{name}.png").write_bytes(screenshot)
    area = visible(output)[0].rect
    pixels = np.asarray(Image.open(io.BytesIO(screenshot)).convert("L"))[
        int(area["y"]) : int(area["y"] + area["height"]), int(area["x"]) : int(area["x"] + area["width"])
    ]
    assert pixels.size and pixels.std() > 5, "the picture is there, and not blank"

    def reacted(_):
        with suppress(StaleElementReferenceException, ElementNotInteractableException, IndexError):
            moved = visible(f".jp-OutputArea-output {control}")[0]
            if control == "select":
                webdriver.support.ui.Select(moved).select_by_visible_text(move)
            elif move:
                moved.send_keys(move)
            else:
                moved.click()
        time.sleep(2)
        return (after := shown()) and after != before

    wait.until(reacted)
    (tmp_path / f"{name}_moved.png").write_bytes(browser.get_screenshot_as_png())
    assert not browser.find_elements(
        By.CSS_SELECTOR, ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"
    )
