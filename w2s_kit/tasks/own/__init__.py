"""Questions with two answers from a file of your own, a folder of files, or a dataset of the hub.

The name of the task is all:

    rows:mine.csv                                     columns text, label, and perhaps group and split
    rows:mine.csv?text=passage+question&label=answer  the same, with other names
    rows:folder                                       files train and test, or supervisor, student and test
    rows:owner/name@revision:train+test               a dataset of the hub, and its splits
    rows:owner/name?config=cola&text=sentence         one config of a dataset that has several

The modules, in the order in which a task is made:

    frame       a table in memory becomes such a file
    name        what the name of a task says
    examples    rows become examples, and labels 0 and 1
    parts       the examples are dealt to the parts of a split
"""

from .frame import name_of, own_task
from .name import PREFIX, files_of
from .parts import load

__all__ = ["PREFIX", "files_of", "load", "name_of", "own_task"]
