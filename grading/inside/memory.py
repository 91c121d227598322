"""Lets the kernel forget a cell that is not the notebook's, so that the cells after it find nothing of it.

Such a cell runs like any other and is forgotten only then: one that is not kept from the start would go by another way
through IPython than a test does, and code on that way alone could tell them apart.
"""

from __future__ import annotations

from typing import Any

LISTS = ("input_hist_parsed", "input_hist_raw", "db_input_cache")
BY_NUMBER = ("exceptions", "outputs")
LAST_INPUTS = ("_i00", "_i", "_ii", "_iii")


class Memory:
    """What IPython keeps of the cells so far; `shell`: the kernel's InteractiveShell before the cell to forget."""

    def __init__(self, shell: Any) -> None:
        history = shell.history_manager
        self._shell, self._history = shell, history
        self._count = shell.execution_count
        self._kept = [(kept, len(kept)) for kept in (getattr(history, name) for name in LISTS)]
        self._inputs = {name: getattr(history, name) for name in LAST_INPUTS}
        # No more than the names: what they stand for would not be let go of when the cell binds them anew.
        self._names = frozenset(shell.user_ns)
        self._named = {name: shell.user_ns[name] for name in LAST_INPUTS if name in shell.user_ns}

    def restore(self) -> None:
        """Have IPython know of no cell since, and the notebook of no name that it bound."""
        # Past the traits, whose observers would hear that a cell has just been forgotten.
        self._shell._trait_values["execution_count"] = self._count
        self._history._trait_values.update(self._inputs)
        for kept, length in self._kept:
            del kept[length:]
        for name in BY_NUMBER:
            getattr(self._history, name).pop(self._count, None)
        names = self._shell.user_ns
        for name in names.keys() - self._names:
            del names[name]
        names.update(self._named)
