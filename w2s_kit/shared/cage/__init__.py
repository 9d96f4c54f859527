"""A cage for other people's code: entries of the arena, submissions that are graded.

    calls       which calls of the kernel it may not make
    bounds      a process closes itself in, before other people's code begins
    attempts    what a caged process tries, to find out which bounds hold
    tried       which bounds hold on this machine
    start       a fresh Python whose program comes as text, and its end

The cage is Linux's own means: limits, Landlock, and a filter of calls. On macOS and Windows nothing of it
holds. SECURITY.md says against whom it protects, and what it leaves open.
"""
