import json
texts = json.load(open("/tmp/h3work/sol_texts.json"))
HIDDEN = {"cellView": "form", "jupyter": {"outputs_hidden": True, "source_hidden": True}, "tags": ["hide-cell"]}
cells = []
md = lambda t: cells.append(("markdown", t.strip("\n"), {}))
code = lambda t, hidden=True: cells.append(("code", t.strip("\n"), HIDDEN if hidden else {}))
answer = lambda key: md("<details><summary>Answer</summary>\n\n" + texts[key].strip() + "\n\n</details>")
md('''
# Answers: 29 · When the world shifts

Try each exercise first, and unfold its answer then. The notebook is [29_shift](../29_shift.ipynb).
''')
code('''
from dataclasses import replace

import numpy as np

from w2s_kit import Settings, check, load_task, run_ground_truth, run_student

SEED, quiet = 30, {"progress": False}
''', hidden=False)
md('''
## 1. Inside and outside

Return two numbers: the accuracy inside and the accuracy outside.
''')
code('''
def both_accuracies(correct, inside):
    return correct[inside].mean(), correct[~inside].mean()


check("29-both", both_accuracies)
''')
answer("1")
md('''
## 2. Learn the weights

Write one step of learned weights.
''')
code('''
def new_weights(weights, predictions, panel, rate):
    f = predictions[:, None]
    cost = -(panel * np.log(f) + (1 - panel) * np.log(1 - f)).mean(axis=0)
    raw = weights * np.exp(-rate * cost)
    return raw / raw.sum()


check("29-weights", new_weights)
''')
answer("2")
md('''
## 3. Where does it turn?

Set the dial to 0.5, 0.6, 0.7 and 0.8. Where does the student fall below 0.5?
''')
code('''
def experiment(shift, epochs=8):
    """The share of weak labels that are right, and accuracies outside of supervisor and student."""
    settings = Settings(f"shifted:edible?{shift}", n_train=400, n_test=800, seed=SEED)
    inside = load_task(settings.task, SEED, 400, 800).test["inside"].to_numpy()
    weak = run_ground_truth(replace(settings, epochs=epochs), "l", **quiet)
    student = run_student(settings, weak, "xl", **quiet)
    outside = [run.correct()[~inside].mean() for run in (weak, student)]
    print(f"{shift}, {epochs} epochs: labels right {weak.accuracy('student'):.2f}, "
          f"outside: supervisor {outside[0]:.2f}, student {outside[1]:.2f}")


for share in (0.5, 0.6, 0.7, 0.8):
    experiment(f"by=answer&student={share}")
''')
answer("3")
md('''
## 4. A supervisor without the shortcut

Run the experiment with `others=0.5`. What happens to the fall?
''')
code('''
for others in (0, 0.5):
    experiment(f"by=answer&others={others}&student=1")
''')
answer("4")
md('''
## 5. Break it

Let the supervisor learn for two epochs, not eight. Does the student still fall?
''')
code('''
for epochs in (8, 4, 2):
    experiment("by=answer&student=1", epochs)
''')
answer("5")
ref = json.load(open("/tmp/h3/notebooks/27_elicitation.ipynb"))
out = []
for n, (kind, text, meta) in enumerate(cells):
    cell = {"cell_type": kind, "id": f"answer-{n}", "metadata": meta, "source": text.splitlines(keepends=True)}
    if kind == "code": cell |= {"execution_count": None, "outputs": []}
    out.append(dict(sorted(cell.items())))
open("/tmp/h3/notebooks/solutions/29_shift.ipynb", "w").write(json.dumps({"cells": out, "metadata": ref["metadata"], "nbformat": 4, "nbformat_minor": 5}, indent=1, ensure_ascii=False) + "\n")
