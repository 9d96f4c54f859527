"""MiniWorld: a small world whose every fact is known.

`vocabulary` holds its words, `world` the facts, `concepts` the ways to tell and to ask them, `corpus` the text
that models are pretrained on, and `questions` the tasks. The other modules are tasks of their own: `taste`,
`dialogue`, `distraction`, `advice` and `reviews`; `paraphrase` asks the same in other words.
"""
