"""MiniWorld: a small world whose every fact is known.

    vocabulary    its words
    world         its facts
    sentences     the ways to ask about a fact and to tell it
    concepts      the table of what can be asked
    corpus        the text that models are pretrained on
    questions     the tasks with two classes
    paraphrase    the same questions in other words

The other modules are tasks of their own: `taste`, `dialogue`, `distraction`, `advice` and `reviews`.
"""
