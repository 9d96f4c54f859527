import json, sys
sys.path.insert(0, "/tmp/h3work")
MD, CODE = "markdown", "code"
cells = []
def md(text, id=None): cells.append((MD, text.strip("\n"), {}, id))
def code(text, tags=None, id=None): cells.append((CODE, text.strip("\n"), {"tags": tags} if tags else {}, id))

md('''
[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/w2s-kit/w2s_kit/blob/v0.1.0/notebooks/29_shift.ipynb)

# 29 · When the world shifts: does a student still beat its supervisor?

Until now students were taught and tested on the same kind of questions. Two later papers change that. Jeon and others (RAVEN, 2025) report that under a *distribution shift* a naive student is often worse than its weak supervisor. Le and others (2026) report that students look good on familiar data and fail on other data. You will measure both, and see how much depends on *which part* shifts.
''')
md('''
**You will learn** how to make a shift in a world whose truth is known, how to compare accuracy inside and outside of what was taught, when a student falls below its supervisor, and what an anchor and learned weights can do about it.

**Time** 35 minutes to read, about a minute to run. **Hardware** any CPU; no network. Builds on notebooks 03, 08 and 26.
''')
cells.append((CODE, "SETUP", {}, None))
code('''
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from w2s_kit import Settings, estimate_pgr, load_task, mean_interval, plots, results
from w2s_kit import run_ground_truth, run_student

SEED = 30  # the stored tables have seeds 100 to 109
stored, dial = results("shift"), results("shift_dial")
quiet = {"progress": False}


def both(run, split):
    """The accuracy of a run inside and outside."""
    inside = split.test["inside"].to_numpy()
    return run.correct()[inside].mean(), run.correct()[~inside].mean()
''')
md('''
## Inside and outside

A **distribution shift** is a change in *which* questions are asked. The truth stays the same. We call a question **inside** if it is like those that the supervisor learned, and **outside** if it is not. The test holds 400 of each.

The task `shifted:edible` asks which things people eat. We make two kinds of shift:

- `by=kind`: inside are questions about living things (beasts and plants). Outside are all others.
- `by=answer`: inside, every living thing has the answer yes, and everything else has the answer no. Outside it is the other way round. So inside there is a **shortcut**: "is it alive?" gives the right answer. Outside the shortcut is always wrong.
''')
code('''
for by in ("kind", "answer"):
    test = load_task(f"shifted:edible?by={by}", SEED, 400, 800).test
    print(f"by={by}")
    for inside, rows in test.groupby("inside", sort=False):
        asked = ", ".join(f"{row.text} {'yes' if row.label else 'no'}"
                          for row in rows.head(3).itertuples())
        print(f"  {'inside' if inside else 'outside':8} {asked}")
''')
md('''
## Question 1: other kinds of things

Supervisor `l` and student `xl` learn about living things only. The supervisor learns for eight epochs, four times as long as elsewhere in this course. You will see later why.

**Predict:** how much of its advantage does the student lose on other kinds of things?
''')
code('''
from w2s_kit import guess

guess("gains_shrink_on_other_kinds", ...)  # True: it will show; False: it will not
''', id="cell-guess")
code('''
def experiment(shift, task="edible"):
    """Supervisor, student and ceiling of one shift: their accuracies inside and outside."""
    settings = Settings(f"shifted:{task}?{shift}", n_train=400, n_test=800, seed=SEED)
    split = load_task(settings.task, SEED, 400, 800)
    weak = run_ground_truth(replace(settings, epochs=8), "l", **quiet)
    student = run_student(settings, weak, "xl", **quiet)
    ceiling = run_ground_truth(settings, "xl", half="student", **quiet)
    labels = weak.accuracy("student")
    print(f"{shift}: weak labels right {labels:.2f}")
    for name, run in (("supervisor", weak), ("student", student), ("ceiling", ceiling)):
        inside, outside = both(run, split)
        print(f"  {name:10} inside {inside:.2f}, outside {outside:.2f}")


def gains(shift, method="naive"):
    """What stored students gain over their supervisors, in points, as means over tasks."""
    rows = stored[(stored["shift"] == shift) & (stored.method == method)]
    by_seed = rows.groupby("seed").mean(numeric_only=True)
    for side, name in (("in", "inside"), ("out", "outside")):
        gain = mean_interval(100 * (by_seed[f"student_{side}"] - by_seed[f"supervisor_{side}"]))
        print(f"  ten seeds, {name:7}: student − supervisor "
              f"{gain.mean:+.1f} [{gain.low:+.1f}, {gain.high:+.1f}] points")


experiment("by=kind")
gains("kind")
''', ["claim:gains_shrink_on_other_kinds"])
md('''
@KIND@
''')
md('''
## Question 2: a shortcut, and only the test shifts

Now both halves contain the shortcut. The supervisor learns it for eight epochs, and the student learns from its labels.

**Predict:** outside, is the student above or below its supervisor?
''')
code('''
experiment("by=answer")
gains("test")
''', ["claim:students_fall_below_where_only_the_test_shifts"])
md('''
@TEST@
''')
md('''
## Question 3: the student's own half shifts

This is RAVEN's setting. The supervisor learned one kind of questions. Then it must label *other* questions, and the student learns from those labels. In our case the supervisor has the shortcut, and its labels are about questions where the shortcut is wrong.

**Predict:** is the student still above its supervisor outside?
''')
code('''
guess("students_fall_below_under_shift", ...)  # True: it will show; False: it will not
''', id="cell-guess-2")
code('''
SHARE = 1.0  # the dial: the share of the student's half that is outside; 0 switches the shift off
experiment(f"by=answer&student={SHARE}")
gains("student")

wide = dial.pivot_table(index=["share", "seed"], columns="method", values="student_out")
levels = dial[dial.method == "naive"].set_index(["share", "seed"])
wide = wide.join(levels[["supervisor_out", "labels"]]).reset_index()
figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
LINES = {"naive": "student, naive", "confidence": "student, confidence loss",
         "supervisor_out": "supervisor", "labels": "weak labels that are right"}
plots.lines_over(wide, "share", columns=LINES, ax=ax)
ax.axhline(0.5, color="0.6", lw=0.8, ls=":")
ax.set(xlabel="share of the student's half that is outside", ylabel="accuracy outside")
plt.show()
''', ["claim:students_fall_below_under_shift", "claim:confidence_deepens_the_fall"])
md('''
*Lines: `edible`, means over ten seeds with 95 % intervals.*

@STUDENT@
''')
md('''
## All methods, inside and outside

Does any method of the course help? Here they all are, for the shift of the test alone and for the shift of the student's half. PGR is undefined where the ceiling does not clearly beat the supervisor.

**Predict:** which methods will still be above their supervisor on the right?
''')
code('''
def pgr_of(rows, side):
    """PGR on one side as text, from means over tasks, one a seed."""
    by_seed = rows.groupby("seed").mean(numeric_only=True)
    found = estimate_pgr(*(by_seed[f"{who}_{side}"] for who in ("supervisor", "student", "ceiling")))
    return f"{found.value:+.2f}" if found.defined else "undefined"


table = []
for (shift, method), rows in stored.groupby(["shift", "method"], sort=False):
    means = rows.mean(numeric_only=True)
    entry = {"shift": shift, "method": method, "labels": f"{means.labels:.2f}"}
    for side in ("in", "out"):
        for who in ("supervisor", "student", "ceiling"):
            entry[f"{who[:3]} {side}"] = f"{means[f'{who}_{side}']:.2f}"
        entry[f"PGR {side}"] = pgr_of(rows, side)
    table.append(entry)
print(pd.DataFrame(table).to_string(index=False))

figure, axes = plt.subplots(1, 2, figsize=(11, 5), layout="constrained", sharey=True)
TITLES = {"test": "only the test shifts", "student": "the student's half shifts"}
for ax, (shift, title) in zip(axes, TITLES.items()):
    plots.inside_and_outside(stored[stored["shift"] == shift], ax=ax)
    ax.set(title=title, xlim=(0, 1))
axes[0].legend(frameon=False, fontsize=8, loc="lower left")
plt.show()
''', ["claim:learned_weights_help_under_shift"])
md('''
*Points: means over two tasks and ten seeds, with 95 % intervals. Bars: supervisors. The last three methods have four supervisors.*

@METHODS@
''')
md('''
## An anchor on the features

Le and others suggest an **anchor**: a penalty if the student's features move away from those of the pretrained model. *Features* are the numbers that the last layer gives. With weak labels $w$, predictions $f$, features $z$ now and $z_0$ before:

$$\\\\text{CE}(f,w)+\\\\text{weight}\\\\cdot\\\\text{mean of }|z-z_0|^2/|z_0|^2$$

In the kit it is the method `"anchor"`. After two epochs the features have moved little. So here the student and the ceiling learn for eight epochs, too.

**Predict:** outside, what is better after eight epochs: weak labels with an anchor, or true labels without one?
'''.replace("\\\\\\\\","\\"))
code('''
long = stored[stored["shift"] == "long"]
figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
sides = {"in": "inside", "out": "outside"}
NAMES = {"naive": "naive", "anchor": "anchor"}
bars = {}
for side, name in sides.items():
    for method in NAMES:
        rows = long[long.method == method].groupby("seed").mean(numeric_only=True)
        bars[f"{method},\\n{name}"] = rows[f"student_{side}"]
    bars[f"ceiling,\\n{name}"] = rows[f"ceiling_{side}"]
plots.interval_bars(bars, ax=ax)
ax.set(ylim=(0.5, 1), ylabel="accuracy after eight epochs")
plt.show()

by_seed = long.groupby(["method", "seed"]).mean(numeric_only=True)
for side, name in sides.items():
    gain = mean_interval(
        100 * (by_seed.loc["anchor", f"student_{side}"] - by_seed.loc["naive", f"student_{side}"]))
    print(f"anchor − naive, {name}: {gain.mean:+.1f} [{gain.low:+.1f}, {gain.high:+.1f}] points")
''', ["claim:an_anchor_helps_outside"])
md('''
@ANCHOR@
''')
md('''
@END@

## Exercises

**1. Inside and outside** · difficulty ●○○ · 5 minutes. Return two numbers: the accuracy inside and the accuracy outside. `correct` holds 0 and 1, `inside` True and False.
''')
code('''
from w2s_kit import check


def both_accuracies(correct, inside):
    ...  # your turn: return two numbers


check("29-both", both_accuracies)
''')
md('''
**2. Learn the weights** · difficulty ●●○ · 15 minutes. Write one step of learned weights. `weights` has one number for each supervisor, `predictions` the student's P(yes) for each text, and `panel` the supervisors' P(yes), one column each. The *cost* of a supervisor is the mean cross-entropy of the predictions to its labels. Multiply each weight by exp(−rate · cost). Then make the weights sum to 1.

<details><summary>Hint</summary>

`predictions[:, None]` is a column, so that it fits the panel. Take the mean over the rows.

</details>
''')
code('''
def new_weights(weights, predictions, panel, rate):
    ...  # your turn: return an array


check("29-weights", new_weights)
''')
md('''
**3. Where does it turn?** · difficulty ●●○ · 15 minutes. Set the dial `SHARE` to 0.5, 0.6, 0.7 and 0.8. Write down the share of right labels and the accuracy of the student. Where does the student fall below 0.5?

**4. A supervisor without the shortcut** · difficulty ●●○ · 10 minutes. With `others=0.5` half of the supervisor's questions are outside, so there is no shortcut. Run `experiment("by=answer&others=0.5&student=1")`. What happens to the fall?

**5. Break it** · difficulty ●●● · 30 minutes. Let the supervisor learn for two epochs, not eight, in the setting of question 3. Does the student still fall? What does this say about "students fall below their supervisors under shift"?

<details><summary>Hint</summary>

Look at the share of weak labels that are right.

</details>

Worked answers: [solutions/29](solutions/29_shift.ipynb).

**What next** → `28_scoreboard`: what of all this shows, and how sure is it?
''')
texts = json.load(open("/tmp/h3work/texts.json"))
ref = json.load(open("/tmp/h3/notebooks/27_elicitation.ipynb"))
setup = "".join(ref["cells"][2]["source"])
out, n = [], 0
for kind, text, meta, id in cells:
    if text == "SETUP": text = setup
    for key, value in texts.items(): text = text.replace(f"@{key}@", value.strip("\n"))
    cell = {"cell_type": kind, "id": id or f"cell-{n:02}", "metadata": meta, "source": text.splitlines(keepends=True)}
    if kind == CODE: cell |= {"execution_count": None, "outputs": []}
    if id is None: n += 1
    out.append(dict(sorted(cell.items())))
nb = {"cells": out, "metadata": ref["metadata"], "nbformat": 4, "nbformat_minor": 5}
open("/tmp/h3/notebooks/29_shift.ipynb", "w").write(json.dumps(nb, indent=1, ensure_ascii=False) + "\n")
print(sum(len(t.split()) for k, t, *_ in [(c["cell_type"], "".join(c["source"])) for c in out] if k == MD))
